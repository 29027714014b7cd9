// Small parts that the screens are put together from, in the classes of KERN.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

type Kind = "primary" | "secondary" | "tertiary" | "danger";

interface ButtonProps {
  readonly kind?: Kind;
  readonly icon?: string;
  readonly disabled?: boolean;
  readonly block?: boolean;
  readonly onClick?: () => void;
  readonly submit?: boolean;
  readonly children: ComponentChildren;
}

/** A button large enough for a thumb. */
export function Button(props: ButtonProps) {
  const { kind = "secondary", icon, disabled = false, block = true, onClick, submit } = props;
  return (
    <button
      type={submit ? "submit" : "button"}
      class={`kern-btn kern-btn--${kind} ${block ? "kern-btn--block" : ""}`}
      disabled={disabled}
      onClick={onClick}
    >
      {icon && <Icon name={icon} />}
      <span class="kern-label">{props.children}</span>
    </button>
  );
}

export function Icon({ name }: { readonly name: string }) {
  return <span class={`kern-icon kern-icon--${name}`} aria-hidden="true" />;
}

/** A screen: its heading takes the focus, so that it is read out when the screen changes. */
export function Screen(props: {
  readonly title: string;
  readonly name: string;
  readonly hideTitle?: boolean;
  readonly children: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const looks = props.hideTitle ? "kern-sr-only" : "kern-heading-medium";
  return (
    <section class={`till-screen till-screen--${props.name}`}>
      <h1 class={looks} tabIndex={-1} ref={heading}>
        {props.title}
      </h1>
      {props.children}
    </section>
  );
}

/** A notice in KERN's alert. */
export function Notice(props: {
  readonly kind: "info" | "warning" | "danger" | "success";
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class={`kern-alert kern-alert--${props.kind}`} role={props.kind === "danger" ? "alert" : "status"}>
      <div class="kern-alert__header">
        <Icon name={props.kind} />
        <h2 class="kern-title">{props.title}</h2>
      </div>
      {props.children && <div class="kern-alert__body">{props.children}</div>}
    </div>
  );
}

/** Something is under way. */
export function Busy({ children }: { readonly children: ComponentChildren }) {
  return (
    <div class="till-busy">
      <div class="kern-loader kern-loader--visible" aria-hidden="true" />
      <p class="kern-body kern-body--large">{children}</p>
    </div>
  );
}

/** Pairs of a name and what it is. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, string])[] }) {
  return (
    <dl class="till-facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
