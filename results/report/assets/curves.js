// Latency over percentiles, on the scale of HdrHistogram's plots: each nine takes the same room.

const percentile = x => `${compact(+(100 * (1 - 1 / x)).toPrecision(8))}%`;

drawings.curve = ({workload}, width, caption) => {
  const curves = data.workloads[workload].curves;
  const last = Math.max(...curves.map(c => c.points.at(-1)?.[0] ?? 1));
  const [per, unit] = unitFor('time', Math.max(...curves.map(c => c.points.at(-1)?.[1] ?? 0)));
  const points = curves.flatMap(c => c.points.filter(([x]) => x > 1.05).map(([x, y]) => ({target: c.target, again: c.again, x, y: y / per})));
  const ticks = [10 / 9, 2, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7].filter(t => t <= last);
  // A mark at each tick tells the lines apart without their colours.
  const shown = curves.flatMap(c => ticks.slice(1).map(t => c.points.findLast(p => p[0] <= t * 1.0001) ?? null)
    .filter(p => p).map(([x, y]) => ({target: c.target, again: c.again, x, y: y / per})));
  const [least, most] = d3.extent(points, p => p.y);
  const log = most / least > 8;
  const steps = d3.range(-3, 7).flatMap(e => [1, 2, 5].map(n => +`${n}e${e}`)).filter(v => v >= least && v <= most);
  const figure = document.createElement('div');
  figure.append(plot(width, caption, {
    height: width < 420 ? 260 : 340, marginLeft: 52, marginRight: 16, marginBottom: 38,
    x: {type: 'log', domain: [10 / 9, Math.max(last, 2)], axis: null},
    y: {type: log ? 'log' : 'linear', zero: !log, axis: null},
    marks: [
      Plot.gridX(ticks), Plot.gridY(log ? steps : undefined),
      axis('x', ticks, percentile, 'percentile \u2192'),
      log ? axis('y', steps, compact, `\u2191 latency, ${unit}`) : Plot.axisY({ticks: 5, tickFormat: compact, label: `\u2191 latency, ${unit}`}),
      Plot.line(points.filter(p => !p.again), {x: 'x', y: 'y', z: 'target', stroke: asColour(p => p.target), strokeWidth: 1.8}),
      Plot.line(points.filter(p => p.again), {x: 'x', y: 'y', z: 'target', stroke: asColour(p => p.target), strokeDasharray: '4 3', strokeWidth: 1.2}),
      Plot.dot(shown.filter(p => !p.again), {x: 'x', y: 'y', symbol: p => symbol(p.target), fill: asColour(p => p.target), r: 4.5}),
      Plot.tip(points, Plot.pointer({x: 'x', y: 'y', fill: 'var(--panel)', title: p => `${p.target}\n${percentile(p.x)}: ${compact(+p.y.toPrecision(4))} ${unit}`})),
    ],
  }), keyOf(curves.map(c => c.target)));
  return figure;
};
