/** Prints what the process that runs this knows about its machine. */
import { describeMachine } from '../lib/machine.ts';

console.log(JSON.stringify(describeMachine()));
