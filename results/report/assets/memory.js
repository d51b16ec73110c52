// Memory against connections where workloads differ in them, else by workload.

drawings.memory = (_, width, caption) => {
  const rows = data.workloads.flatMap(w => w.measures.filter(m => m.key === 'memory').flatMap(m => m.rows.map(r => (
    {...r, title: w.title, group: w.group, connections: w.connections}))));
  const [per, unit] = unitFor('size', Math.max(...rows.map(r => r.median)));
  for (const r of rows) [r.median, r.lo, r.hi] = [r.median / per, r.lo / per, r.hi / per];
  const figure = document.createElement('div');
  const groups = d3.groups(rows, r => r.group);
  const lines = groups.filter(([, list]) => new Set(list.map(r => r.connections)).size > 1);
  for (const [, list] of lines) figure.append(note(list[0].title.replace(/, [\d.]+[kM]? connections?/, '')), againstConnections(list, unit, width, caption));
  const others = groups.filter(([, list]) => new Set(list.map(r => r.connections)).size === 1).flatMap(([, list]) => list);
  if (others.length > 0) figure.append(byWorkload(others, unit, width, caption));
  figure.append(keyOf([...new Set(rows.map(r => r.target))].sort()));
  return figure;
};

function againstConnections(rows, unit, width, caption) {
  const spread = d3.max(rows, r => r.connections) / d3.min(rows, r => r.connections) > 20;
  const domain = d3.extent(rows, r => r.connections);
  const ticks = spaced([...new Set(rows.map(r => r.connections))], (spread ? d3.scaleLog : d3.scaleLinear)(domain, [0, width - 72]), 44);
  return plot(width, caption, {
    height: 300, marginLeft: 52, marginRight: 20, marginBottom: 38,
    x: {type: spread ? 'log' : 'linear', domain, axis: null},
    y: {zero: true, tickFormat: compact, label: `\u2191 memory, ${unit}`, grid: true},
    marks: [
      Plot.gridX(ticks), axis('x', ticks, d => `${d}`, 'connections \u2192'),
      Plot.line(rows, {x: 'connections', y: 'median', z: 'target', sort: 'connections', stroke: asColour(r => r.target)}),
      Plot.ruleX(rows, {x: 'connections', y1: 'lo', y2: 'hi', stroke: asColour(r => r.target), strokeWidth: 2}),
      Plot.dot(rows, {x: 'connections', y: 'median', symbol: r => symbol(r.target), fill: asColour(r => r.target), r: 5}),
    ],
  });
}

// The name of a workload stands above its row: it is too long for a margin.
function byWorkload(rows, unit, width, caption) {
  const titles = [...new Set(rows.map(r => r.title))];
  return plot(width, caption, {
    height: titles.length * 48 + 44, marginLeft: 8, marginRight: 16, marginTop: 8, marginBottom: 36,
    x: {zero: true, tickFormat: compact, ticks: width < 420 ? 5 : 8, label: `${unit} \u2192`, grid: true},
    y: {domain: titles, axis: null},
    marks: [
      Plot.text(titles, {y: d => d, text: d => shorten(d, Math.floor(width / 6.5)), frameAnchor: 'left', textAnchor: 'start', dy: -13, fill: 'currentColor'}),
      Plot.ruleY(titles, {y: d => d, dy: 6, stroke: 'var(--line)'}),
      Plot.ruleY(rows, {y: 'title', x1: 'lo', x2: 'hi', dy: 6, stroke: asColour(r => r.target), strokeWidth: 2.5}),
      Plot.dot(rows, {x: 'median', y: 'title', dy: 6, symbol: r => symbol(r.target), fill: asColour(r => r.target), r: 5}),
      Plot.tip(rows, Plot.pointer({x: 'median', y: 'title', fill: 'var(--panel)', title: r => `${r.target}: ${r.text}`})),
    ],
  });
}
