// Says that something is being done once a form of the page is sent, until the answer comes; nothing can be sent twice.
//
//   <p role="status" data-caf-busy="Playing … This may take some seconds."></p>

const place = document.querySelector('[data-caf-busy]');
const buttons = () => document.querySelectorAll('form[method=post] button');

function work(is) {
  place.textContent = is ? place.dataset.cafBusy : '';
  document.querySelector('main')?.setAttribute('aria-busy', String(is));
  buttons().forEach((each) => { each.disabled = is; });
}

// After the form has gathered what it sends: a disabled button sends nothing.
document.addEventListener('submit', (event) => {
  if (event.target.method === 'post') window.setTimeout(() => { if (!event.defaultPrevented) work(true); });
});
// Gone back to, a page stands as it was left.
window.addEventListener('pageshow', (event) => { if (event.persisted) work(false); });
