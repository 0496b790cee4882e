// When this browser looked last, so that the overview can say what has ended since.
const last = 'ecgpeft-last-visit', before = 'ecgpeft-visit-before';

/** The end of the visit before this one, as an ISO time; null on a first visit. */
export function lastVisit() {
  try {
    if (sessionStorage.getItem(before) === null) sessionStorage.setItem(before, localStorage.getItem(last) ?? '');
    localStorage.setItem(last, new Date().toISOString());
    return sessionStorage.getItem(before) || null;
  } catch {
    return null; // a browser that keeps nothing
  }
}

export function rememberVisits() {
  const seen = () => { try { localStorage.setItem(last, new Date().toISOString()); } catch { /* keeps nothing */ } };
  addEventListener('pagehide', seen);
  document.addEventListener('visibilitychange', seen);
}
