#!/usr/bin/env node
import { main } from './main.ts';

// A reader that has seen enough (`zeroskip … | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

// Not awaited here: a file that a command loads while it runs may import what this one holds.
main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
