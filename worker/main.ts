/** The worker process. What it loads is not loaded twice: first it may have to begin anew (heap.ts). */
import { boundHeap } from './heap.ts';

boundHeap();
await import('./run.ts');
