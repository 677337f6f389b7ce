/** Lets this Node read TypeScript: by itself where it can (from 22.18), so that coverage counts its lines; else with tsx. */
if (!process.features.typescript) await import('tsx');
