// Dashes by number: solid, dashed, dotted, long, short. RunLook.cs draws the same ones.
export const dashes = [0, 6, 2, 10, 4];
