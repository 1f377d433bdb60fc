import '/zeroskip/web/worker-script.js';

// What becomes of a worker that runs out of memory, or whose own code ends it.
addEventListener('message', ({ data }) => {
  if (data.request.kind === 'run') close();
});
