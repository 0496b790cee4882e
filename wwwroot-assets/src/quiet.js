const longest = 500; // milliseconds

/** Calls when the browser has nothing to do for whoever looks at the page, or after half a second. */
export function whenQuiet(call) {
  if (window.requestIdleCallback) requestIdleCallback(call, { timeout: longest });
  else setTimeout(call, longest / 10); // Safari has no such call
}
