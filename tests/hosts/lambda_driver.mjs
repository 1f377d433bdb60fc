/**
 * Does what AWS Lambda does with a function: imports its module once, then hands it events and takes answers, all of them JSON.
 * `node lambda_driver.mjs handler.mjs digit.bin` prints what it answers to an event with the digit, after it has answered another one.
 */
import { readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [module, digit] = process.argv.slice(2).map((file) => resolve(file));
const { handler } = await import(pathToFileURL(module).href);
const invoke = async (event) => JSON.parse(JSON.stringify(await handler(JSON.parse(JSON.stringify(event)))));

// Only its start may read the model.
rmSync(resolve('model.zsk'));
const body = readFileSync(digit).toString('base64');
const event = { version: '2.0', rawPath: '/', headers: {}, body, isBase64Encoded: true };
const first = await invoke(event);
const broken = await invoke({ ...event, body: 'AAAA' });
const second = await invoke(event);
if (broken.statusCode !== 400) throw new Error(`status 400 expected, found ${JSON.stringify(broken)}`);
if (first.statusCode !== 200 || first.body !== second.body) throw new Error(JSON.stringify({ first, second }));
console.log(second.body);
