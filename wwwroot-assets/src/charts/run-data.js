// One run as charts read it: everything thinned, and the stretch that is zoomed to as the run has it.
import { stepsBetween } from './places.js';

export class RunData {
  /** @param {() => void} changed called when the stretch has come */
  constructor(changed) {
    this.changed = changed;
    this.curves = null;
    this.stretch = null;
  }

  /** What is drawn: the stretch, once it is there. */
  get now() { return this.stretch ?? this.curves; }

  take(curves, view) {
    const other = curves !== this.curves;
    this.curves = curves;
    if (other) this.look(view); // a new snapshot knows no stretch yet
  }

  /** Asks for what a zoom shows; until it comes the thinned curves are shown. */
  async look({ axis, zoom }) {
    const { curves } = this, asked = this.asked = {};
    this.curves?.details.delete(this.stretch);
    this.stretch = null;
    // Nothing was thinned: there is nothing to ask for.
    if (!zoom || !curves || curves.steps.step.length >= curves.total) return;
    const { from, to } = stepsBetween(curves, axis, zoom);
    const stretch = await curves.detail(from, to, Math.min(2000, innerWidth)).catch(() => null); // the thinned curves stay
    if (!stretch) return;
    if (this.asked !== asked || this.curves !== curves) return curves.details.delete(stretch);
    this.stretch = stretch;
    this.changed();
  }
}
