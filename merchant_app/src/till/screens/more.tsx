// Who stands at the till, how it sounds and prints, and what this device is.
import { useState } from "preact/hooks";

import { chooseLanguage, language, type Language } from "../language.ts";
import { Button, Facts, Notice, Screen } from "../parts.tsx";
import { choosePaper, paper, type Paper } from "../receipt.tsx";
import { reasonOf } from "../reach.ts";
import { signOff, signOn, type OwnDevice } from "../service.ts";
import { keepQuiet, quiet } from "../sound.ts";
import { noteOwn, own, refusedAsDevice } from "../standing.ts";
import { say } from "../words.ts";
import { canInstall, install } from "../worker_updates.ts";

export function More() {
  const shop = own.value;
  if (shop === null) return null;
  return (
    <Screen name="more" title={say("more")}>
      <CashierForm shop={shop} />
      <fieldset class="till-group">
        <legend class="kern-label">{say("languageTitle")}</legend>
        <Radios<Language>
          name="language"
          chosen={language.value}
          of={[["de", "Deutsch"], ["en", "English"]]}
          choose={(chosen) => void chooseLanguage(chosen)}
        />
      </fieldset>
      <fieldset class="till-group">
        <legend class="kern-label">{say("paper")}</legend>
        <Radios<Paper>
          name="paper"
          chosen={paper.value}
          of={[[58, say("paperWidth", { width: 58 })], [80, say("paperWidth", { width: 80 })]]}
          choose={(chosen) => void choosePaper(chosen)}
        />
      </fieldset>
      <div class="kern-form-check">
        <input
          class="kern-form-check__checkbox"
          type="checkbox"
          id="sound"
          checked={!quiet.value}
          onChange={(event) => void keepQuiet(!event.currentTarget.checked)}
        />
        <label class="kern-label" for="sound">
          {say("sound")}
        </label>
      </div>
      <h2 class="kern-heading-small">{say("thisDevice")}</h2>
      <Facts
        facts={[
          [say("device"), shop.name],
          [shop.merchant_name, shop.branch_name],
        ]}
      />
      <div class="till-actions">
        {canInstall.value && <Button onClick={() => void install()}>{say("install")}</Button>}
        <a class="kern-link" href="/kasse/anleitung">
          {say("guide")}
        </a>
        <a class="kern-link" href={`/betrieb/${shop.town_id}/${shop.merchant_id}/abrechnungen`}>
          {say("statements")}
        </a>
        <a class="kern-link" href="/kasse/koppeln">
          {say("pairAnew")}
        </a>
      </div>
    </Screen>
  );
}

function CashierForm({ shop }: { readonly shop: OwnDevice }) {
  const [pin, setPin] = useState("");
  const [who, setWho] = useState(shop.cashiers[0]?.id ?? "");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);

  async function ask(asked: () => Promise<OwnDevice>): Promise<void> {
    setBusy(true);
    setError("");
    try {
      await noteOwn(await asked());
    } catch (failure) {
      if (refusedAsDevice(failure)) return;
      setError(reasonOf(failure));
    } finally {
      setBusy(false);
      setPin("");
    }
  }

  if (shop.cashier !== null) {
    return (
      <div class="till-group">
        <p class="kern-body kern-body--large">
          {say("cashier")}: <strong>{shop.cashier.name}</strong>
        </p>
        <Button disabled={busy} onClick={() => void ask(signOff)}>
          {say("cashierSignOff", { name: shop.cashier.name })}
        </Button>
      </div>
    );
  }
  if (shop.cashiers.length === 0) {
    return <p class="kern-body">{say("cashierNoOne")}</p>;
  }
  return (
    <form
      class="till-group till-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void ask(() => signOn(who, pin));
      }}
    >
      <label class="till-choice">
        <span class="kern-label">{say("cashierWho")}</span>
        <span class="kern-form-input__select-wrapper">
          <select
            class="kern-form-input__select"
            value={who}
            onChange={(event) => setWho(event.currentTarget.value)}
          >
            {shop.cashiers.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </span>
      </label>
      <label class="till-choice">
        <span class="kern-label">{say("cashierPin")}</span>
        <input
          class="kern-form-input__input"
          type="password"
          inputMode="numeric"
          autoComplete="off"
          maxLength={8}
          value={pin}
          onInput={(event) => setPin(event.currentTarget.value)}
        />
      </label>
      {error && <Notice kind="danger" title={error} />}
      <Button kind="primary" submit disabled={busy || pin === ""}>
        {say("cashierSignOn")}
      </Button>
    </form>
  );
}

function Radios<Value extends string | number>(props: {
  readonly name: string;
  readonly chosen: Value;
  readonly of: readonly (readonly [Value, string])[];
  readonly choose: (chosen: Value) => void;
}) {
  return (
    <div class="till-radios">
      {props.of.map(([value, words]) => (
        <div class="kern-form-check" key={value}>
          <input
            class="kern-form-check__radio"
            type="radio"
            name={props.name}
            id={`${props.name}-${value}`}
            checked={props.chosen === value}
            onChange={() => props.choose(value)}
          />
          <label class="kern-label" for={`${props.name}-${value}`}>
            {words}
          </label>
        </div>
      ))}
    </div>
  );
}
