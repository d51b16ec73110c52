// Dots and intervals: the ratios of a measure, and its values.

// layoutOf lays out the rows of both charts alike: the height of a row, and room for names on the left.
function layoutOf(names, width) {
  const narrow = width < 420;
  const longest = narrow ? 13 : 22;
  const label = name => shorten(name, longest);
  const most = Math.max(...names.map(n => [...label(n)].length));
  return {narrow, label, height: names.length * 28 + 32, marginLeft: Math.min(170, 14 + most * 7)};
}

// ratioTicks are round numbers: where the scale spans little, its own would be powers of ten.
function ratioTicks([lo, hi], count) {
  if (hi / lo < 4) return d3.ticks(lo, hi, count);
  return d3.scaleLog([lo, hi], [0, 1]).ticks(count).filter((t, i, all) => all.length <= 2 * count || [1, 2, 5].includes(+t.toExponential()[0]));
}

drawings.ratio = ({workload, measure}, width, caption) => {
  const m = data.workloads[workload].measures[measure];
  const rows = m.rows.filter(r => r.ratio).map(r => ({...r.ratio, name: r.target}));
  if (m.aa) rows.push({...m.aa, name: `${m.aa.target} (A/A)`, again: true});
  if (rows.length === 0) return note('There is no other value to compare with.');
  const names = [m.first, ...rows.map(r => r.name)];
  const {narrow, label, height, marginLeft} = layoutOf(names, width);
  const band = {lo: 1 / (1 + m.rope), hi: 1 + m.rope};
  const blocks = rows.flatMap(r => r.blocks.map(ratio => ({name: r.name, target: r.target, ratio})));
  const ends = [band.lo, band.hi, ...rows.flatMap(r => [r.lo, r.hi, r.estimate]), ...blocks.map(b => b.ratio)];
  const domain = [Math.min(...ends) / 1.02, Math.max(...ends) * 1.02];
  const beyondNoise = m.noise > 0 ? [1 / (1 + m.noise), 1 + m.noise] : [];
  const sign = {worse: '', better: '', equal: '= ', undecided: '? '};
  const describe = r => sign[r.state] + r.text + (narrow ? '' : ` ${r.interval}` + (sign[r.state] ? '' : ` ${r.word}`));
  return plot(width, caption, {
    height, marginLeft, marginRight: narrow ? 62 : 190, marginTop: 6, marginBottom: 24,
    x: {type: 'log', domain, ticks: ratioTicks(domain, narrow ? 4 : 6), tickFormat: d => `${compact(+d.toPrecision(3))}x`, label: null},
    y: {domain: names, label: null, tickFormat: label, tickSize: 0},
    marks: [
      Plot.rect([band], {x1: 'lo', x2: 'hi', fill: 'var(--band)'}),
      Plot.ruleX([1], {stroke: 'currentColor', strokeOpacity: 0.6}),
      Plot.ruleX(beyondNoise.filter(x => x > domain[0] && x < domain[1]), {stroke: 'currentColor', strokeOpacity: 0.6, strokeDasharray: '2 3'}),
      Plot.text([m.first], {y: d => d, text: () => m.firstIs, frameAnchor: 'right', textAnchor: 'start', dx: 8, fill: 'currentColor'}),
      Plot.dot([m.first], {x: 1, y: d => d, symbol: d => symbol(d), fill: asColour(d => d), r: 5}),
      Plot.dot(blocks, {x: 'ratio', y: 'name', dy: 7, r: 2, fill: asColour(b => b.target), fillOpacity: 0.5}),
      Plot.ruleY(rows, {y: 'name', x1: 'lo', x2: 'hi', stroke: asColour(r => r.target), strokeWidth: 2.5}),
      Plot.dot(rows.filter(r => !r.again), {x: 'estimate', y: 'name', symbol: r => symbol(r.target), fill: asColour(r => r.target), r: 5}),
      Plot.dot(rows.filter(r => r.again), {x: 'estimate', y: 'name', symbol: r => symbol(r.target), stroke: asColour(r => r.target), fill: 'var(--page)', strokeWidth: 1.5, r: 5}),
      Plot.text(rows, {y: 'name', text: describe, frameAnchor: 'right', textAnchor: 'start', dx: 8, fill: 'currentColor'}),
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
  return plot(width, caption, {
    height, marginLeft, marginRight: 74, marginTop: 6, marginBottom: 24,
    x: {nice: true, inset: 6, ticks: width < 420 ? 3 : 6, tickFormat: d => `${compact(d)} ${unit}`, label: null},
    y: {domain: names, label: null, tickFormat: label, tickSize: 0},
    marks: [
      Plot.dot(blocks, {x: 'value', y: 'target', dy: 7, r: 2, fill: asColour(b => b.target), fillOpacity: 0.5}),
      Plot.ruleY(rows, {y: 'target', x1: 'lo', x2: 'hi', stroke: asColour(r => r.target), strokeWidth: 2.5}),
      Plot.dot(rows, {x: 'median', y: 'target', symbol: r => symbol(r.target), fill: asColour(r => r.target), r: 5}),
      Plot.text(rows, {y: 'target', text: 'text', frameAnchor: 'right', textAnchor: 'start', dx: 8, fill: 'currentColor'}),
    ],
  });
};
