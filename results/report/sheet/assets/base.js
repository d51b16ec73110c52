// What all charts share. Everything that is said in words comes from the data; see data.go.
const data = JSON.parse(document.getElementById('data').textContent);
const marks = new Map(data.marks.map(m => [m.target, m]));
const symbols = ['circle', 'square', 'triangle', 'diamond', 'star', 'wye', 'cross'];

// An A/A arm looks like the target that it is a copy of, but hollow or dashed.
const original = target => marks.get(target) ?? marks.get(data.again[target]) ?? {shape: 6, colour: 6};
const colour = target => `var(--c${original(target).colour})`;
const symbol = target => symbols[original(target).shape];
// Colours are CSS variables, so that a drawing follows light and dark without being drawn anew; no scale may touch them.
const asColour = of => ({value: d => colour(of(d)), scale: null});

const units = {
  rate: [[1, '/s'], [1e3, 'k/s'], [1e6, 'M/s']],
  time: [[1, 'us'], [1e3, 'ms'], [1e6, 's']],
  size: [[1, 'B'], [1024, 'KiB'], [1024 ** 2, 'MiB'], [1024 ** 3, 'GiB']],
};
// unitFor is [how many base units, name] that suits values as large as this.
const unitFor = (kind, largest) => units[kind].filter(([per]) => largest >= per).at(-1) ?? units[kind][0];
const compact = d3.format('~g');
const shorten = (text, most) => [...text].length > most ? [...text].slice(0, most - 1).join('') + '\u2026' : text;

// drawings are functions from an element's data attributes and its width to a drawing, by the name in data-chart.
const drawings = {};

const plot = (width, caption, options) => Plot.plot({
  width, style: {background: 'transparent', fontSize: '12px', overflow: 'visible'}, ariaLabel: caption, ...options,
});

// spaced keeps those of the ticks, the first ones first, whose labels have a gap of so many pixels on the scale.
function spaced(ticks, scale, gap) {
  const [lo, hi] = scale.domain();
  const kept = [];
  for (const t of ticks) {
    if (t >= lo && t <= hi && kept.every(other => Math.abs(scale(t) - scale(other)) >= gap)) kept.push(t);
  }
  return kept;
}

// axis has just these ticks, all of them with their labels: those of a logarithmic scale leave some out.
const axis = (dimension, ticks, text, label = null) =>
  (dimension === 'x' ? Plot.axisX : Plot.axisY)(ticks, {text, label});

// keyOf names targets below a drawing of lines.
function keyOf(targets) {
  const p = document.createElement('p');
  p.className = 'key';
  for (const target of targets) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
    svg.setAttribute('class', `mark c${original(target).colour}${marks.has(target) ? '' : ' again'}`);
    svg.setAttribute('aria-hidden', 'true');
    use.setAttribute('href', `#s${original(target).shape}`);
    svg.append(use);
    const span = document.createElement('span');
    span.append(svg, marks.has(target) ? target : `${target} (A/A)`);
    p.append(span);
  }
  return p;
}

function note(text) {
  const p = document.createElement('p');
  p.className = 'small';
  p.textContent = text;
  return p;
}
