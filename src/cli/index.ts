#!/usr/bin/env node
import { main } from './main.ts';

// A reader that has seen enough (`zeroskip … | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await main(process.argv.slice(2));
