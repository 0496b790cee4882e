// Runs in <head> before the first paint: the page never flashes in the wrong colours. The server reads the same cookie, so
// its first render agrees with what stands here.
const system = matchMedia('(prefers-color-scheme: dark)');
const year = 60 * 60 * 24 * 365;

function read(name) {
  return document.cookie.split('; ').find(c => c.startsWith(name + '='))?.slice(name.length + 1);
}

function write(name, value) {
  document.cookie = `${name}=${value}; path=${new URL(document.baseURI).pathname}; max-age=${year}; samesite=strict`;
}

function apply() {
  const choice = read('ecgpeft-theme');
  const dark = choice === 'dark' || (choice !== 'light' && system.matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  write('ecgpeft-system', system.matches ? 'dark' : 'light');
  return dark;
}

let follower = null;
system.addEventListener('change', () => { const dark = apply(); follower?.invokeMethodAsync('SystemThemeChanged', dark); });
window.ecgpeftTheme = {
  choose(choice) { write('ecgpeft-theme', choice); return apply(); },
  follow(component) { follower = component; return apply(); },
  unfollow() { follower = null; },
};
apply();
