// Small charts side by side on the same axes: medians with their intervals, blocks as dots.

drawings.multiples = ({multiples}, width, caption) => {
  const m = data.multiples[multiples];
  const div = document.createElement('div');
  div.className = 'panels';
  const least = width < 720 ? 150 : 210, gap = width < 720 ? 10 : 18;
  const columns = Math.max(1, Math.floor((width + gap) / (least + gap)));
  const wide = Math.floor((width - gap * (columns - 1)) / columns);
  for (const p of m.panels) {
    const one = document.createElement('div');
    const title = document.createElement('h4');
    title.textContent = p.name;
    one.append(title, (m.line ? steps : shares)(m, p, wide, `${caption}: ${p.name}`));
    div.append(one);
  }
  return div;
};

// steps has a quantity below and values upwards: its points belong together.
function steps(m, p, width, caption) {
  const marginLeft = 54, marginTop = 8, marginBottom = 34, height = 190;
  const texts = new Map(m.axis.ticks.map(k => [k.at, k.text]));
  const scale = (m.axis.log ? d3.scaleLog : d3.scaleLinear)(m.axis.domain, [0, height - marginTop - marginBottom]);
  const ticks = spaced(m.axis.ticks.map(k => k.at), scale, 20);
  const colour = `var(--c${p.colour})`;
  const blocks = p.points.flatMap(d => d.values.map(value => ({x: d.x, value})));
  return plot(width, caption, {
    height, marginLeft, marginRight: 8, marginTop, marginBottom,
    x: {type: 'point', domain: m.x, padding: 0.5, label: `${m.xName} \u2192`, labelAnchor: 'right', tickSize: 0},
    y: {type: m.axis.log ? 'log' : 'linear', domain: m.axis.domain, axis: null},
    marks: [
      Plot.gridY(ticks), axis('y', ticks, at => texts.get(at)),
      Plot.line(p.points, {x: 'x', y: 'median', stroke: colour, strokeOpacity: 0.6}),
      Plot.dot(blocks, {x: 'x', y: 'value', dx: 7, r: 1.8, fill: colour, fillOpacity: 0.4}),
      Plot.ruleX(p.points, {x: 'x', y1: 'lo', y2: 'hi', stroke: colour, strokeWidth: 2.6}),
      Plot.dot(p.points, {x: 'x', y: 'median', r: 4.2, fill: colour, stroke: 'var(--page)', strokeWidth: 1}),
      Plot.tip(p.points, Plot.pointer({x: 'x', y: 'median', fill: 'var(--panel)', title: d => `${d.x}: ${d.text}`})),
    ],
  });
}

// shares has a row for each target, and values to the right.
function shares(m, p, width, caption) {
  const longest = Math.max(...m.x.map(x => [...shorten(x, 13)].length));
  const marginLeft = Math.min(96, 10 + longest * 6.6), marginRight = 16;
  const texts = new Map(m.axis.ticks.map(k => [k.at, k.text]));
  const scale = d3.scaleLinear(m.axis.domain, [0, width - marginLeft - marginRight]);
  const ticks = spaced(m.axis.ticks.map(k => k.at), scale, 36);
  const blocks = p.points.flatMap(d => d.values.map(value => ({x: d.x, value})));
  return plot(width, caption, {
    height: m.x.length * 22 + 28, marginLeft, marginRight, marginTop: 4, marginBottom: 24,
    x: {domain: m.axis.domain, axis: null},
    y: {domain: m.x, label: null, tickFormat: x => shorten(x, 13), tickSize: 0},
    marks: [
      Plot.gridX(ticks), axis('x', ticks, at => texts.get(at)),
      Plot.dot(blocks, {x: 'value', y: 'x', dy: 6, r: 1.8, fill: 'var(--c0)', fillOpacity: 0.4}),
      Plot.ruleY(p.points, {y: 'x', x1: 'lo', x2: 'hi', stroke: 'var(--c0)', strokeWidth: 2.6}),
      Plot.dot(p.points, {x: 'median', y: 'x', r: 4.2, fill: 'var(--c0)', stroke: 'var(--page)', strokeWidth: 1}),
      Plot.tip(p.points, Plot.pointer({x: 'median', y: 'x', fill: 'var(--panel)', title: d => `${d.x}: ${d.text}`})),
    ],
  });
}
