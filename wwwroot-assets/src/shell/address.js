// Charts write what they show into the address by themselves, and the server is not told: what it wants to stand there goes in beside it.

/** @param {Record<string, string | null>} values by the parameters' names; null takes one away */
export function put(values) {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(values)) value === null ? address.searchParams.delete(name) : address.searchParams.set(name, value);
  window.Blazor.navigateTo(address.href, { replaceHistoryEntry: true });
}
