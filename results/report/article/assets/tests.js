// A test: its interval, a dot for each block, the threshold, and the band of what makes no difference.

drawings.test = ({test}, width, caption) => {
  const t = data.tests[test];
  const several = t.rows.length > 1;
  const rows = t.rows.map((r, i) => ({...r, y: i}));
  const blocks = rows.flatMap(r => r.values.map(value => ({y: r.y, value})));
  const marginLeft = several ? 62 : 10, marginRight = 14, top = t.predicted ? 17 : 4;
  const scale = (t.axis.log ? d3.scaleLog : d3.scaleLinear)(t.axis.domain, [0, width - marginLeft - marginRight]);
  const texts = new Map(t.axis.ticks.map(k => [k.at, k.text]));
  const band = t.band ? [{lo: Math.max(t.band[0], t.axis.domain[0]), hi: Math.min(t.band[1], t.axis.domain[1])}] : [];
  const limit = t.threshold === null ? [] : [t.threshold];
  // The words stand on the predicted side, unless there is no room for them.
  const room = t.above ? width - marginLeft - marginRight - scale(t.threshold) : scale(t.threshold);
  const right = t.threshold === null || room > 130 ? t.above : !t.above;
  const arrow = t.above ? `${t.predicted} \u2192` : `\u2190 ${t.predicted}`;
  const colours = ['currentColor', 'var(--c1)'];
  const colour = {value: d => colours[d.y], scale: null};
  return plot(width, caption, {
    height: top + rows.length * 26 + 20, marginLeft, marginRight, marginTop: top, marginBottom: 20,
    x: {type: t.axis.log ? 'log' : 'linear', domain: t.axis.domain, axis: null},
    y: {type: 'band', domain: rows.map(r => r.y), padding: 0, axis: null},
    marks: [
      Plot.rect(band, {x1: 'lo', x2: 'hi', fill: 'var(--band)'}),
      axis('x', spaced(t.axis.ticks.map(k => k.at), scale, 52), at => texts.get(at)),
      Plot.ruleX(t.one ? [1] : [], {stroke: 'currentColor', strokeOpacity: 0.35}),
      Plot.ruleX(limit, {stroke: 'var(--warn)', strokeWidth: 1.6, strokeDasharray: '5 3', insetTop: -4}),
      Plot.text(limit, {x: d => d, frameAnchor: 'top', dy: -16, dx: right ? 2 : -2, lineAnchor: 'top', textAnchor: right ? 'start' : 'end', text: () => arrow, fill: 'var(--warn)', fontSize: 11}),
      Plot.dot(blocks, {x: 'value', y: 'y', dy: 7, r: 2.2, fill: colour, fillOpacity: 0.45}),
      Plot.ruleY(rows, {x1: 'lo', x2: 'hi', y: 'y', dy: -3, stroke: colour, strokeWidth: 2.6}),
      Plot.dot(rows, {x: 'estimate', y: 'y', dy: -3, r: 4.6, symbol: d => ['circle', 'diamond'][d.y], fill: colour, stroke: 'var(--page)', strokeWidth: 1}),
      Plot.text(several ? rows : [], {y: 'y', text: 'name', frameAnchor: 'left', textAnchor: 'end', dx: -8, dy: -3, fill: colour}),
      Plot.tip(rows, Plot.pointer({x: 'estimate', y: 'y', fill: 'var(--panel)', title: r => `${r.name ? r.name + ': ' : ''}${r.text}`})),
    ],
  });
};
