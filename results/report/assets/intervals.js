// Dots and intervals: the ratios of a measure, and its values.

// layoutOf lays out the rows of both charts alike: the height of a row, and room for names on the left.
function layoutOf(names, width) {
  const narrow = width < 420;
  const longest = narrow ? 13 : 22;
  const again = ' (A/A)';
  const label = name => name.endsWith(again) ? shorten(name.slice(0, -again.length), longest - again.length) + again : shorten(name, longest);
  const most = Math.max(...names.map(n => [...label(n)].length));
  return {narrow, label, height: names.length * 28 + 32, marginLeft: Math.min(170, 14 + most * 7)};
}

// ratioTicks are round numbers. 1, which all is about, comes first.
function ratioTicks([lo, hi]) {
  if (hi / lo < 4) return [1, ...d3.ticks(lo, hi, 8)];
  return [-2, -1, 0, 1, 2, 3].map(e => 10 ** e).flatMap(p => [1, 2, 5, 3, 4, 8, 6].map(n => n * p)).sort((a, b) => (b === 1) - (a === 1));
}

// around is a domain for values, wide enough even if they are all one.
function around(values) {
  const [lo, hi] = d3.extent(values);
  return hi / lo < 1.02 ? [lo * 0.98, hi * 1.02] : [lo, hi];
}

drawings.ratio = ({workload, measure}, width, caption) => {
  const m = data.workloads[workload].measures[measure];
  const rows = m.rows.filter(r => r.ratio).map(r => ({...r.ratio, name: r.target}));
  if (m.aa) rows.push({...m.aa, name: `${m.aa.target} (A/A)`, again: true});
  const names = [m.first, ...rows.map(r => r.name)];
  const {narrow, label, height, marginLeft} = layoutOf(names, width);
  const band = {lo: 1 / (1 + m.rope), hi: 1 + m.rope};
  const blocks = rows.flatMap(r => r.blocks.map(ratio => ({name: r.name, target: r.target, ratio})));
  const ends = [band.lo, band.hi, ...rows.flatMap(r => [r.lo, r.hi, r.estimate]), ...blocks.map(b => b.ratio)];
  const domain = [Math.min(...ends) / 1.02, Math.max(...ends) * 1.02];
  const beyondNoise = m.noise > 0 ? [1 / (1 + m.noise), 1 + m.noise] : [];
  const marginRight = narrow ? 84 : 190;
  const sign = {worse: '', better: '', equal: '= ', undecided: '? '};
  const describe = r => sign[r.state] + r.text + (narrow ? '' : ` ${r.interval}` + (sign[r.state] ? '' : ` ${r.word}`));
  return plot(width, caption, {
    height, marginLeft, marginRight, marginTop: 6, marginBottom: 24,
    x: {type: 'log', domain, axis: null},
    y: {domain: names, label: null, tickFormat: label, tickSize: 0},
    marks: [
      Plot.rect([band], {x1: 'lo', x2: 'hi', fill: 'var(--band)'}),
      axis('x', spaced(ratioTicks(domain), d3.scaleLog(domain, [0, width - marginLeft - marginRight]), 46), d => `${compact(+d.toPrecision(3))}x`),
      Plot.ruleX([1], {stroke: 'currentColor', strokeOpacity: 0.6}),
      Plot.ruleX(beyondNoise.filter(x => x > domain[0] && x < domain[1]), {stroke: 'currentColor', strokeOpacity: 0.6, strokeDasharray: '2 3'}),
      Plot.text([m.first], {y: d => d, text: () => m.firstIs, frameAnchor: 'right', textAnchor: 'start', dx: 8, fill: 'currentColor'}),
      Plot.dot([m.first], {x: 1, y: d => d, symbol: d => symbol(d), fill: asColour(d => d), r: 5}),
      Plot.dot(blocks, {x: 'ratio', y: 'name', dy: 7, r: 2, fill: asColour(b => b.target), fillOpacity: 0.5}),
      Plot.ruleY(rows, {y: 'name', x1: 'lo', x2: 'hi', stroke: asColour(r => r.target), strokeWidth: 2.5}),
      Plot.dot(rows.filter(r => !r.again), {x: 'estimate', y: 'name', symbol: r => symbol(r.target), fill: asColour(r => r.target), r: 5}),
      Plot.dot(rows.filter(r => r.again), {x: 'estimate', y: 'name', symbol: r => symbol(r.target), stroke: asColour(r => r.target), fill: 'var(--page)', strokeWidth: 1.5, r: 5}),
      Plot.text(rows, {y: 'name', text: describe, frameAnchor: 'right', textAnchor: 'start', dx: 8, fill: 'currentColor'}),
      Plot.text(narrow ? rows : [], {y: 'name', text: 'interval', frameAnchor: 'right', textAnchor: 'start', dx: 8, dy: 12, fontSize: 10, fill: 'currentColor'}),
      Plot.tip(rows, Plot.pointerY({x: 'estimate', y: 'name', fill: 'var(--panel)', title: r => `${r.name}: ${r.text} ${r.interval}\n${r.verdict}`})),
    ],
  });
};

drawings.values = ({workload, measure}, width, caption) => {
  const m = data.workloads[workload].measures[measure];
  const names = m.rows.map(r => r.target);
  const {label, height, marginLeft} = layoutOf(names, width);
  const [per, unit] = unitFor(m.kind, Math.max(...m.rows.map(r => r.median)));
  const rows = m.rows.map(r => ({...r, median: r.median / per, lo: r.lo / per, hi: r.hi / per}));
  const blocks = m.rows.flatMap(r => r.values.map(v => ({target: r.target, value: v / per})));
  const [lo, hi] = around([...blocks.map(b => b.value), ...rows.flatMap(r => [r.lo, r.hi])]);
  const domain = [lo - (hi - lo) * 0.02, hi + (hi - lo) * 0.02];
  const ticks = spaced(d3.ticks(lo, hi, 5), d3.scaleLinear(domain, [0, width - marginLeft - 74]), 70);
  return plot(width, caption, {
    height, marginLeft, marginRight: 74, marginTop: 6, marginBottom: 24,
    x: {domain, axis: null},
    y: {domain: names, label: null, tickFormat: label, tickSize: 0},
    marks: [
      axis('x', ticks, d => `${compact(d)} ${unit}`),
      Plot.dot(blocks, {x: 'value', y: 'target', dy: 7, r: 2, fill: asColour(b => b.target), fillOpacity: 0.5}),
      Plot.ruleY(rows, {y: 'target', x1: 'lo', x2: 'hi', stroke: asColour(r => r.target), strokeWidth: 2.5}),
      Plot.dot(rows, {x: 'median', y: 'target', symbol: r => symbol(r.target), fill: asColour(r => r.target), r: 5}),
      Plot.text(rows, {y: 'target', text: 'text', frameAnchor: 'right', textAnchor: 'start', dx: 8, fill: 'currentColor'}),
    ],
  });
};
