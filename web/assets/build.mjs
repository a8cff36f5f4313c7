// Builds every bundle into the folder given as the first argument. Run by bundles.py, or `npm run build -- FOLDER`.

import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

import * as esbuild from 'esbuild';
import * as sass from 'sass';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(here, '..', 'static', 'built'));

const scripts = {
  api: 'js/api.js', board: 'js/board.js', busy: 'js/busy.js', draft: 'js/draft.js', govuk: 'js/govuk.js', scenarios: 'js/scenarios.js', viewer: 'js/viewer.js',
  'studio-diagram': 'js/studio/diagram.js', 'studio-rules': 'js/studio/rules.js', 'studio-form': 'js/studio/form.js',
  'studio-text': 'js/studio/text.js', wording: 'js/wording.js',
};
const stylesheets = {
  api: 'scss/api.scss', app: 'scss/app.scss', viewer: 'scss/viewer.scss', studio: 'scss/studio.scss',
  'studio-diagram': 'scss/studio-diagram.scss', 'studio-rules': 'scss/studio-rules.scss', 'studio-form': 'scss/studio-form.scss',
  'studio-play': 'scss/studio-play.scss',
};
const fonts = {
  'bpmn.woff2': 'bpmn-js/dist/assets/bpmn-font/font/bpmn.woff2', 'dmn.woff2': 'dmn-js/dist/assets/dmn-font/font/dmn.woff2',
};

/** CodeMirror adds a style element, which the pages' policy refuses; the same rules as a constructed sheet are let through. */
const constructedStyles = {
  name: 'constructed-styles',
  setup({ onLoad }) {
    onLoad({ filter: /style-mod\/src\/style-mod\.js$/ }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8');
      const wanted = '!root.head && root.adoptedStyleSheets';
      if (!source.includes(wanted)) throw new Error('style-mod has changed: look how it adds its styles');
      return { contents: source.replace(wanted, 'root.adoptedStyleSheets') };
    });
  },
};

async function buildScripts() {
  const result = await esbuild.build({
    absWorkingDir: here,
    entryPoints: scripts,
    outdir: out,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2019'],
    charset: 'utf8',
    legalComments: 'none',
    plugins: [constructedStyles],
    metafile: true,
    logLevel: 'warning',
  });
  return Object.keys(result.metafile.inputs);
}

/** A few components name GOV.UK's blue outright where the rest ask for the brand's colour. */
function withoutGovernmentBlue(css) {
  return css.replaceAll('#1d70b8', 'var(--govuk-brand-colour)');
}

async function buildStylesheets() {
  for (const [name, source] of Object.entries(stylesheets)) {
    const { css } = sass.compile(path.join(here, source), {
      loadPaths: [path.join(here, 'node_modules')],
      style: 'compressed',
      quietDeps: true,
    });
    await writeFile(path.join(out, `${name}.css`), withoutGovernmentBlue(css));
  }
}

/** The folder of the package that a bundled file came from, or null for our own sources. */
function packageFolder(input) {
  const match = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input);
  return match ? match[0] : null;
}

async function licenceOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(path.join(here, folder, 'package.json'), 'utf8'));
  const files = (await readdir(path.join(here, folder))).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  const texts = await Promise.all(files.map((file) => readFile(path.join(here, folder, file), 'utf8')));
  return [`${name} ${version} (${license})`, ...texts.map((text) => text.trim())].join('\n\n');
}

async function writeLicences(inputs) {
  const fromScripts = inputs.map(packageFolder).filter(Boolean);
  const folders = [...new Set([...fromScripts, 'node_modules/govuk-frontend'])].sort();
  const licences = await Promise.all(folders.map(licenceOf));
  await writeFile(path.join(out, 'licences.txt'), licences.join(`\n\n${'-'.repeat(78)}\n\n`) + '\n');
}

/** Lets pages add a version to each address, so that a browser may keep a file for ever. */
async function writeManifest() {
  const files = (await readdir(out)).filter((file) => /\.(css|js)$/.test(file)).sort();
  const versions = {};
  for (const file of files) {
    const content = await readFile(path.join(out, file));
    versions[file] = createHash('sha256').update(content).digest('hex').slice(0, 12);
  }
  await writeFile(path.join(out, 'manifest.json'), `${JSON.stringify(versions, null, 2)}\n`);
}

/** Icons of the editors; their style sheets name them beside themselves. */
async function copyFonts() {
  await Promise.all(Object.entries(fonts).map(([name, from]) => copyFile(path.join(here, 'node_modules', from), path.join(out, name))));
}

/** Packed once here, and not at each request: a page over a slow line arrives in a third of the time. */
async function pack() {
  const files = (await readdir(out)).filter((file) => /\.(css|js)$/.test(file));
  await Promise.all(files.map(async (file) => {
    const content = await readFile(path.join(out, file));
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } };
    const [gz, br] = await Promise.all([promisify(gzip)(content, { level: 9 }), promisify(brotliCompress)(content, quality)]);
    await writeFile(path.join(out, `${file}.gz`), gz);
    await writeFile(path.join(out, `${file}.br`), br);
  }));
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const inputs = await buildScripts();
await buildStylesheets();
await copyFonts();
await writeLicences(inputs);
await writeManifest();
await pack();
