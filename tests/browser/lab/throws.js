import '/zeroskip/web/worker-script.js';

addEventListener('message', ({ data }) => {
  if (data.request.kind === 'run') throw new Error('of something else in this worker');
});
