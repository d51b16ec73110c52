// Draws everything, and draws it anew when the width changes.

function draw(element) {
  const width = element.clientWidth;
  if (width === 0 || element.dataset.width === String(width)) return;
  element.dataset.width = width;
  const caption = element.closest('figure')?.querySelector('figcaption')?.textContent ?? 'chart';
  const title = element.closest('section')?.querySelector('h2')?.textContent ?? '';
  const measure = element.closest('.measure')?.querySelector('h3')?.textContent;
  const drawing = drawings[element.dataset.chart](element.dataset, width, [title, measure, caption].filter(t => t).join(': '));
  for (const svg of drawing.matches('svg') ? [drawing] : drawing.querySelectorAll('svg[aria-label]')) svg.setAttribute('role', 'img');
  element.replaceChildren(drawing);
}

const charts = [...document.querySelectorAll('.chart')];
charts.forEach(draw);
let pending = 0;
addEventListener('resize', () => {
  cancelAnimationFrame(pending);
  pending = requestAnimationFrame(() => charts.forEach(draw));
});

// Charts are drawn for paper before it is printed: they cannot be while it is.
function printing(begins) {
  document.body.classList.toggle('printing', begins);
  charts.forEach(draw);
}
addEventListener('beforeprint', () => printing(true));
addEventListener('afterprint', () => printing(false));

// Columns sort by their values; once more turns the order round.
for (const table of document.querySelectorAll('table.sortable')) {
  const body = table.tBodies[0];
  table.querySelectorAll('thead th').forEach((head, column) => {
    const button = document.createElement('button');
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener('click', () => {
      const down = head.getAttribute('aria-sort') === 'ascending';
      table.querySelectorAll('th[aria-sort]').forEach(other => other.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const value = row => row.cells[column].dataset.value ?? row.cells[column].textContent;
      const rows = [...body.rows].map(row => [value(row), row]);
      const numbers = rows.every(([v]) => v === '' || !Number.isNaN(Number(v)));
      rows.sort(([a], [b]) => {
        if (a === '' || b === '') return (a === '') - (b === ''); // not measured comes last
        const order = numbers ? a - b : a < b ? -1 : a > b ? 1 : 0;
        return down ? -order : order;
      });
      body.append(...rows.map(([, row]) => row));
    });
  });
}

// Browsers refuse long data: links, so a click makes a file of what the link holds.
for (const link of document.querySelectorAll('a[download]')) {
  const [, media, content] = link.getAttribute('href').match(/^data:([^,]*);base64,(.*)$/s);
  const bytes = Uint8Array.from(atob(content), c => c.charCodeAt(0));
  link.href = URL.createObjectURL(new Blob([bytes], {type: media}));
}
