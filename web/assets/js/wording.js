// A merge field is put where the text is written: the list names them, the button puts the chosen one at the cursor.
// Without a script the button sends the page, and the field comes at the end of the text.

const text = document.getElementById('text');
const list = document.getElementById('field');
const button = document.querySelector('button[name=act][value=field]');

button?.addEventListener('click', (event) => {
  event.preventDefault();
  text.setRangeText(`{{ ${list.value} }}`, text.selectionStart, text.selectionEnd, 'end');
  text.focus();
});
