const longest = 500; // milliseconds

/** Calls when the browser has nothing to do for whoever looks at the page, or after half a second; at once where nobody looks, as browsers hold the clocks of hidden pages back by up to a minute. */
export function whenQuiet(call) {
  if (document.hidden) call();
  else if (window.requestIdleCallback) requestIdleCallback(call, { timeout: longest });
  else setTimeout(call, longest / 10); // Safari has no such call
}
