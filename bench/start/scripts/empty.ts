import { done } from '../first.ts';

done([]);
