// Trials in the order of time.

drawings.time = ({workload}, width, caption) => {
  const {kind, clock, points} = data.workloads[workload].times;
  if (points.length === 0) return note('Nothing was measured.');
  const [per, unit] = unitFor(kind, d3.max(points, p => p.value));
  const minute = d3.max(points, p => p.at) < 300 ? 1 : 60;
  const list = points.map(p => ({...p, at: clock ? p.at / minute : p.at, value: p.value / per, line: `${p.target}\n${p.campaign}`}));
  const several = new Set(list.map(p => p.campaign)).size > 1;
  const fx = several ? {fx: 'campaign'} : {};
  const figure = document.createElement('div');
  figure.append(plot(width, caption, {
    height: 220, marginLeft: 52, marginRight: 16, marginTop: several ? 34 : 20, marginBottom: 38,
    fx: several ? {label: null, tickFormat: d => shorten(d, Math.floor(width / 8 / new Set(list.map(p => p.campaign)).size))} : undefined,
    x: {label: clock ? `${minute > 1 ? 'minutes' : 'seconds'} since the campaign began \u2192` : 'block \u2192', ticks: several ? 3 : 5, tickFormat: compact, inset: 6},
    y: {label: `\u2191 ${unit}`, ticks: 5, tickFormat: compact, grid: true, nice: true},
    marks: [
      Plot.line(list.filter(p => !p.again), {...fx, x: 'at', y: 'value', z: 'line', sort: 'at', stroke: asColour(p => p.target), strokeOpacity: 0.7}),
      Plot.line(list.filter(p => p.again), {...fx, x: 'at', y: 'value', z: 'line', sort: 'at', stroke: asColour(p => p.target), strokeDasharray: '4 3'}),
      Plot.dot(list.filter(p => p.verdict === 'ok' && !p.again), {...fx, x: 'at', y: 'value', symbol: p => symbol(p.target), fill: asColour(p => p.target), r: 3.5}),
      Plot.dot(list.filter(p => p.verdict === 'ok' && p.again), {...fx, x: 'at', y: 'value', symbol: p => symbol(p.target), stroke: asColour(p => p.target), fill: 'var(--page)', r: 3.5}),
      Plot.dot(list.filter(p => p.verdict !== 'ok'), {...fx, x: 'at', y: 'value', symbol: 'times', stroke: 'var(--invalid)', strokeWidth: 1.8, r: 4}),
      Plot.tip(list, Plot.pointer({...fx, x: 'at', y: 'value', fill: 'var(--panel)', title: p => `${p.target}: ${compact(+p.value.toPrecision(4))} ${unit}\n${p.verdict || 'without a verdict'}\n${p.trial}`})),
    ],
  }), keyOf([...new Set(list.map(p => p.target))].sort()));
  return figure;
};
