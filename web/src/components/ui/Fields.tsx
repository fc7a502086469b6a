import { type ReactNode, useId } from "react";
import { Input, InputNumber, Select, Switch } from "./antd.ts";
import { Field, type FormState } from "./Form.tsx";

/** The values of a form that are of one kind. */
type Of<V, K> = { [Name in keyof V]: V[Name] extends K ? Name : never }[keyof V] & string;

interface Line<V, K> {
  form: FormState<V>;
  /** The value's name; it stands in the request under the same name unless pointer says where. */
  name: Of<V, K>;
  pointer?: string;
  label: string;
  hint?: ReactNode;
  required?: boolean;
}

const set = <V,>(form: FormState<V>, name: keyof V, value: unknown) => form.set({ [name]: value } as Partial<V>);

/** A line of text, or several with rows. */
export function TextField<V>({ form, name, pointer = `#/${name}`, label, hint, required, max, rows, type }: Line<V, string> & { max?: number; rows?: number; type?: "text" | "password" | "email" | "number" | "date" | "datetime-local" | "tel" }) {
  const value = form.values[name] as string;
  const shared = { value, maxLength: max, autoComplete: type === "password" ? "new-password" : "off" };
  return (
    <Field form={form} pointer={pointer} label={label} hint={hint} required={required}>
      {(control) =>
        rows ? <Input.TextArea {...control} {...shared} rows={rows} onChange={(event) => set(form, name, event.target.value)} /> : <Input {...control} {...shared} type={type ?? "text"} onChange={(event) => set(form, name, event.target.value)} />
      }
    </Field>
  );
}

/** A whole number. */
export function NumberField<V>({ form, name, pointer = `#/${name}`, label, hint, required, min, max }: Line<V, number> & { min?: number; max?: number }) {
  return (
    <Field form={form} pointer={pointer} label={label} hint={hint} required={required}>
      {(control) => <InputNumber {...control} min={min} max={max} precision={0} value={form.values[name] as number} onChange={(value) => set(form, name, value ?? 0)} />}
    </Field>
  );
}

/** Something that is on or off. */
export function SwitchField<V>({ form, name, pointer = `#/${name}`, label, hint }: Line<V, boolean>) {
  return (
    <Field form={form} pointer={pointer} label={label} hint={hint}>
      {(control) => (
        <span>
          <Switch id={control.id} aria-describedby={control["aria-describedby"]} checked={form.values[name] as boolean} onChange={(value) => set(form, name, value)} />
        </span>
      )}
    </Field>
  );
}

/** Some of a few: a box each. */
export function BoxesField<V>({ form, name, pointer = `#/${name}`, label, hint, options }: Line<V, readonly string[]> & { options: { value: string; label: ReactNode; disabled?: boolean }[] }) {
  const id = useId();
  const chosen = form.values[name] as readonly string[];
  const toggle = (value: string, on: boolean) => set(form, name, options.map((each) => each.value).filter((each) => (each === value ? on : chosen.includes(each))));
  return (
    <Field form={form} pointer={pointer} label={label} hint={hint}>
      {(control) => (
        <div role="group" id={control.id} tabIndex={-1} aria-label={label} aria-describedby={control["aria-describedby"]} className="b-boxes">
          {options.map((each) => (
            <label key={each.value} htmlFor={id + each.value}>
              <input id={id + each.value} type="checkbox" disabled={each.disabled} checked={chosen.includes(each.value)} onChange={(event) => toggle(each.value, event.target.checked)} /> {each.label}
            </label>
          ))}
        </div>
      )}
    </Field>
  );
}

/** Any number of values, chosen or typed. */
export function TagsField<V>({ form, name, pointer = `#/${name}`, label, hint, required, options, free }: Line<V, readonly string[]> & { options: { value: string; label: string }[]; free?: boolean }) {
  return (
    <Field form={form} pointer={pointer} label={label} hint={hint} required={required}>
      {(control) => (
        <Select
          {...control}
          mode={free ? "tags" : "multiple"}
          allowClear
          value={[...(form.values[name] as readonly string[])]}
          options={options}
          optionFilterProp="label"
          tokenSeparators={[",", " ", "\n"]}
          tagRender={({ label: shown }) => <span className="b-tag">{shown}</span>}
          onChange={(value: string[]) => set(form, name, value)}
        />
      )}
    </Field>
  );
}
