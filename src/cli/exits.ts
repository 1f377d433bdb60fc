import { ZeroskipError } from '../errors.ts';
import { readBytes } from '../host/node.ts';
import type { Exit } from '../plan/exits.ts';
import { UsageError } from './usage.ts';

/**
 * Exits from `NAME=THRESHOLD` texts and `.json` files, which hold a list such as `[{ "output": "early", "threshold": 0.9 }]`. `compile`
 * checks what they say.
 */
export async function readExits(texts: readonly string[]): Promise<Exit[] | undefined> {
  const lists = await Promise.all(texts.map((text) => (text.endsWith('.json') ? readList(text) : [parse(text)])));
  return texts.length > 0 ? lists.flat() : undefined;
}

function parse(text: string): Exit {
  const equals = text.lastIndexOf('=');
  const number = text.slice(equals + 1).trim();
  const threshold = number === '' ? Number.NaN : Number(number);
  if (equals < 1 || !Number.isFinite(threshold))
    throw new UsageError(`--exits is NAME=THRESHOLD, as in early=0.9, or a .json file, found '${text}'`);
  return { output: text.slice(0, equals), threshold };
}

async function readList(path: string): Promise<Exit[]> {
  const fail = (why: string, cause?: unknown): never => {
    throw new ZeroskipError('FILE_ERROR', `${path} holds no list of exits: ${why}`, { cause });
  };
  const bytes = await readBytes(path);
  let list: unknown;
  try {
    list = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    return fail('it is not JSON', cause);
  }
  return Array.isArray(list) ? (list as Exit[]) : fail('expected [{ "output": …, "threshold": … }, …]');
}
