import 'zeroskip/worker/script';
