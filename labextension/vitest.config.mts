import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'jsdom',
    include: ['tests/labextension/**/*.test.ts'],
    setupFiles: ['tests/labextension/setup.ts']
  }
});
