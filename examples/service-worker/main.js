const { serviceWorker } = navigator;
if (!serviceWorker.controller) {
  const controlled = new Promise((resolve) =>
    serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
  );
  await serviceWorker.register('sw.js', { type: 'module' });
  await controlled;
}

const digit = await (await fetch('digit.bin')).blob();
const response = await fetch('classify', { method: 'POST', body: digit });
document.querySelector('#result').textContent = await response.text();
