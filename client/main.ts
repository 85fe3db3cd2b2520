/** The command line. What it understands stands in program.ts, what each command does in commands/. */
import { runProgram } from './program.ts';

// Whoever reads only the first lines (`bookbridge history | head`) closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
// Progress and remarks stand beside the result: where nobody reads them, the command goes on and tells what came out.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const args = process.argv.slice(2);
try {
  process.exitCode = await runProgram(args);
} catch (error) {
  const { reportProblem } = await import('./problem.ts');
  process.exitCode = reportProblem(error, { json: args.includes('--json'), err: process.stderr });
}
