// A link to the trials of a test opens their table and marks them.

for (const link of document.querySelectorAll('a[data-places]')) {
  link.addEventListener('click', () => {
    const details = document.getElementById(link.getAttribute('href').slice(1));
    details.open = true;
    for (const row of document.querySelectorAll('tr.picked')) row.classList.remove('picked');
    const rows = [...details.querySelectorAll('tbody tr')];
    const places = new Set(link.dataset.places.split(' '));
    for (const row of rows) if (places.has(row.dataset.place)) row.classList.add('picked');
  });
}
