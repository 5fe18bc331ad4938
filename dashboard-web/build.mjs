// Builds dist/: index.html and assets/ with hashed names, ready to be served
// under /dashboard/. Nothing is inline, so the page works under a strict CSP.
// Usage: node build.mjs [--outdir DIR]
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = path.dirname(fileURLToPath(import.meta.url));
const BASE = "/dashboard/";

const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  sourcemap: false,
  target: "es2021",
  jsx: "automatic",
  jsxImportSource: "preact",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  legalComments: "linked",
  logLevel: "warning",
  metafile: true,
  define: { "process.env.NODE_ENV": '"production"' },
  loader: { ".woff2": "file", ".svg": "file" },
};

/** The file an entry point became. */
function outputOf(result, entry) {
  for (const [file, facts] of Object.entries(result.metafile.outputs)) {
    if (facts.entryPoint === entry) return path.basename(file);
  }
  throw new Error(`build: ${entry} produced nothing`);
}

/** What the bundle is made of asks to be named with it. */
async function licenses() {
  const packages = [
    "ag-grid-community",
    "preact",
    "@preact/signals",
    "@preact/signals-core",
    "uplot",
    "@fontsource-variable/inter",
  ];
  const texts = packages.map(async (name) => {
    const folder = path.join(root, "node_modules", name);
    const { version } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`build: ${name} has no license file`);
    return `${name} ${version}\n\n${await readFile(path.join(folder, file), "utf8")}`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(72)}\n\n`);
}

export async function build(outdir) {
  await rm(outdir, { recursive: true, force: true });
  const assets = path.join(outdir, "assets");
  await mkdir(assets, { recursive: true });

  // The worker first: the page needs its hashed name.
  const worker = await esbuild.build({
    ...shared,
    entryPoints: ["src/api/worker.ts"],
    format: "iife",
    outdir: assets,
  });
  const workerUrl = `${BASE}assets/${outputOf(worker, "src/api/worker.ts")}`;

  const page = await esbuild.build({
    ...shared,
    entryPoints: { app: "src/main.tsx" },
    format: "esm",
    splitting: true,
    outdir: assets,
    define: { ...shared.define, __WORKER_URL__: JSON.stringify(workerUrl) },
  });
  const styles = await esbuild.build({
    ...shared,
    entryPoints: { app: "src/styles/app.css", grid: "src/styles/grid.css" },
    outdir: assets,
  });

  const icon = await readFile(path.join(root, "src/styles/icon.svg"));
  await writeFile(path.join(assets, "icon.svg"), icon);

  await writeFile(path.join(assets, "licenses.txt"), await licenses());

  const names = {
    "app.js": outputOf(page, "src/main.tsx"),
    "app.css": outputOf(styles, "src/styles/app.css"),
    "grid.css": outputOf(styles, "src/styles/grid.css"),
    icon: "icon.svg",
  };
  const template = await readFile(path.join(root, "index.html"), "utf8");
  const html = template.replace(/%([a-z.]+)%/g, (_, name) => `${BASE}assets/${names[name]}`);
  await writeFile(path.join(outdir, "index.html"), html);
  return [worker, page, styles].flatMap((r) => Object.entries(r.metafile.outputs));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf("--outdir");
  const outdir = path.resolve(at > 0 ? process.argv[at + 1] : path.join(root, "dist"));
  const outputs = await build(outdir);
  for (const [file, { bytes }] of outputs) {
    if (bytes > 20_000)
      console.log(`${path.basename(file).padEnd(40)} ${(bytes / 1024).toFixed(0)} KiB`);
  }
  console.log(`dashboard built in ${path.relative(process.cwd(), outdir) || "."}`);
}
