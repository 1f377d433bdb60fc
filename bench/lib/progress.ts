const WIDTH = 30;

export interface Progress {
  /** Sets what is being done and how far the whole job is, 0 to 1; `remark` is shown on a terminal only. */
  at(share: number, label: string, remark?: string): void;
  /** Takes the bar away. */
  done(): void;
}

/**
 * A bar that is redrawn in place on a terminal; elsewhere a line for each new label.
 *
 * ```
 * [==========                    ]  33 %  mobilenet: latency
 * ```
 */
export function startProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  let shown = '';
  if (!stream.isTTY) {
    return {
      at(share, label) {
        if (label !== shown) stream.write(`${percent(share)}  ${label}\n`);
        shown = label;
      },
      done() {},
    };
  }
  return {
    at(share, label, remark = '') {
      const filled = Math.round(Math.min(1, share) * WIDTH);
      const line = `[${'='.repeat(filled).padEnd(WIDTH)}] ${percent(share)}  ${label}${remark && `  ${remark}`}`.slice(
        0,
        (stream.columns || 80) - 1,
      );
      if (line !== shown) stream.write(`\r\x1b[K${line}`);
      shown = line;
    },
    done() {
      stream.write('\r\x1b[K');
    },
  };
}

const percent = (share: number): string => `${Math.floor(share * 100)} %`.padStart(5);
