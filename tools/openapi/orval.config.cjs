// A client of plain functions around fetch.
module.exports = {
  belfry: { input: "./openapi.json", output: { target: "./orval/belfry.ts", client: "fetch", mode: "single" } },
};
