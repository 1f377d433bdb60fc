throw new Error('no script');
