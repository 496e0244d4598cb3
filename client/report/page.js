"use strict";
// Draws the page's charts. Each figure holds its specification as JSON; nothing is fetched.
//
// ast: true has Vega interpret expressions instead of compiling them, so that the page's content
// security policy can forbid eval.
const options = {
  mode: "vega",
  renderer: "svg",
  ast: true,
  actions: {export: true, source: false, compiled: false, editor: false},
  downloadFileName: "actium-comparison",
};

async function draw(figure) {
  try {
    const spec = vegaLite.compile(JSON.parse(figure.querySelector("script").textContent)).spec;
    // vega-embed would compare the schema's version with Vega's, and get it wrong.
    delete spec.$schema;
    await vegaEmbed(figure.querySelector(".chart"), spec, options);
    figure.dataset.state = "drawn";
  } catch (error) {
    figure.dataset.state = "failed";
    console.error(figure.id, error);
  }
}

Promise.all(Array.from(document.querySelectorAll("figure[data-chart]"), draw)).then(() => {
  document.documentElement.dataset.charts = "done";
});
