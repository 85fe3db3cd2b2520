import type { DataSet, PlannedLine, PlannedLoaner } from '../data/index.ts';
import type { HectorRecord } from './collection.ts';
import type { World } from './world.ts';

/** The loaners a data set plans, and how they come about. */
export interface Plan {
  /** How many of the planned loaners are not made yet. */
  readonly left: number;
  /**
   * Makes the next planned loaners, and gives items the calculation types of the plan first.
   *
   * @param count how many; all that are left unless told
   * @param again start over with new ids and numbers where the plan is at its end
   */
  make(options: { count?: number | undefined; again?: boolean | undefined }): HectorRecord[];
}

const attributeKey = 'calculation_type';

export function createPlan({ hector }: DataSet, world: World): Plan {
  let made = 0;
  const finder = createFinder(world);
  const statusId = (state: string) => hector.statuses.find((status) => status.state === state)?.id;

  function makeOne(planned: PlannedLoaner, round: number): HectorRecord {
    const suffix = round === 0 ? '' : `-${round + 1}`;
    const { id, completed, lines, penalties, number, ...rest } = planned;
    const fields = {
      ...rest,
      number: `${number}${suffix}`,
      statusId: statusId(completed ? 'completed' : 'in_progress'),
      lines: lines.map((line, index) => ({ id: `${id}${suffix}-${index + 1}`, ...finder.resolve(line) })),
      penalties: penalties.map((penalty, index) => ({ id: `${id}${suffix}-p${index + 1}`, ...penalty })),
    };
    return world.create('loaners', fields, `${id}${suffix}`);
  }

  return {
    get left() {
      return Math.max(0, hector.loaners.length - made);
    },
    make: ({ count = Number.POSITIVE_INFINITY, again = false }) => {
      finder.read();
      for (const [item, type] of Object.entries(hector.calculationTypes)) finder.setAttribute(item, { [attributeKey]: type });
      const records: HectorRecord[] = [];
      const wanted = again ? Math.min(count, hector.loaners.length) : Math.min(count, hector.loaners.length - made);
      while (records.length < wanted) {
        const planned = hector.loaners[made % hector.loaners.length];
        if (planned) records.push(makeOne(planned, Math.floor(made / hector.loaners.length)));
        made += 1;
      }
      return records;
    },
  };
}

/** Finds the part or place of an item by its name; imported ones before those made in Hector itself. */
function createFinder(world: World) {
  let parts = new Map<string, string>();
  let places = new Map<string, string>();

  function partId(name: string): string {
    const found = parts.get(name);
    if (found !== undefined) return found;
    const { id } = world.create('parts', { description: name });
    parts.set(name, id);
    return id;
  }

  function placeId(name: string): string {
    const found = places.get(name);
    if (found !== undefined) return found;
    const { id } = world.create('places', { name });
    places.set(name, id);
    return id;
  }

  return {
    read: () => {
      parts = idsByName(world.collection('parts').all(), 'description');
      places = idsByName(world.collection('places').all(), 'name');
    },
    resolve: ({ kind, item, quantity, components }: PlannedLine) => ({
      kind,
      itemId: kind === 'part' ? partId(item) : kind === 'place' ? placeId(item) : null,
      description: item,
      quantity,
      components: components.map((component) => ({
        partId: partId(component.item), description: component.item, quantity: component.quantity,
      })),
    }),
    /** Of an imported item only: whatever else has this name is not what the plan means. */
    setAttribute: (item: string, attributes: Record<string, string>) => {
      for (const [resource, ids] of [['parts', parts], ['places', places]] as const) {
        const record = world.collection(resource).get(ids.get(item) ?? '');
        if (record && isImported(record)) world.change(resource, record.id, { attributes });
      }
    },
  };
}

function idsByName(records: readonly HectorRecord[], nameField: string): Map<string, string> {
  const ordered = records.toSorted((left, right) => Number(isImported(left)) - Number(isImported(right)));
  return new Map(ordered.map((record) => [String(record[nameField]), record.id]));
}

function isImported(record: HectorRecord): boolean {
  return typeof record['externalReference'] === 'string';
}
