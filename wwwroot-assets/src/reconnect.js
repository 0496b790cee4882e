// A dashboard that was restarted knows nothing of this page's circuit any more: load the page anew instead of asking for it.
const notice = document.getElementById('components-reconnect-modal');

async function reloadWhenBack() {
  for (;;) {
    try {
      if ((await fetch('favicon.svg', { cache: 'no-store' })).ok) return location.reload();
    } catch { /* not yet */ }
    await new Promise(resolve => setTimeout(resolve, 2000));
  }
}

notice.addEventListener('components-reconnect-state-changed', event => {
  if (['rejected', 'failed', 'resume-failed'].includes(event.detail.state)) reloadWhenBack();
});
