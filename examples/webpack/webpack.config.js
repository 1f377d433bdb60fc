export default {
  entry: './src/main.js',
  output: { filename: 'main.js', clean: true },
};
