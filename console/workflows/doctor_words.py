"""What the doctor says, in both languages: names of checks, what was seen, and what to do."""

from collections.abc import Collection, Mapping, Sequence

from console.errors import Obstacle, System
from console.models.record import Sentence, Words
from console.models.staff import Role
from console.settings import Environment
from console.worker_health import WorkerHealth


def _both(en: str, ja: str) -> Sentence:
    return Sentence(en=en, ja=ja)


def plain(text: str) -> Sentence:
    """Names and numbers, which read the same in both languages."""
    return _both(text, text)


NOTHING = plain("")

# Names of checks

PORTAL = _both("Portal database", "ポータルのデータベース")
AUDIT = _both("Audit log", "監査ログ")
ENGINE = _both("Who carries orders out", "注文を処理する担当")
SALESFORCE_NETWORK = _both("Salesforce network", "Salesforceへの接続")
SALESFORCE_PERSON = _both("Salesforce sign-in and roles", "Salesforceのサインインと役割")
SALESFORCE_KIND = _both("Salesforce kind of org", "Salesforce組織の種類")
SALESFORCE_CALLS = _both("Salesforce calls", "Salesforceの呼び出し回数")
WHMCS_CONNECTION = _both("WHMCS connection and credential", "WHMCSへの接続と資格情報")
WHMCS_CLIENTS = _both("WHMCS clients", "WHMCSの顧客")
WHMCS_CUSTOMER_NUMBER = _both("WHMCS customer number field", "WHMCSの顧客番号の項目")
WHMCS_PRODUCTS = _both("WHMCS products", "WHMCSの商品")
WHMCS_MARKERS = _both("WHMCS marker fields", "WHMCSの目印の項目")
WHMCS_ACTIONS = _both("WHMCS actions", "WHMCSの操作")
CLOCK = _both("Clock", "時計")
MARKER = _both("WHMCS keeps the marker", "WHMCSは目印を保存する")
# The records of the field map.
SALESFORCE_OBJECTS: Mapping[str, Sentence] = {
    "account": _both("Salesforce accounts", "Salesforceの取引先"),
    "contact": _both("Salesforce contacts", "Salesforceの取引先責任者"),
    "order": _both("Salesforce orders", "Salesforceの注文"),
    "order_item": _both("Salesforce order items", "Salesforceの注文商品"),
    "product": _both("Salesforce products", "Salesforceの商品"),
    "price_book_entry": _both("Salesforce prices", "Salesforceの価格"),
    "order_claim": _both("Salesforce claims", "Salesforceの作業権"),
    "user": _both("Salesforce users", "Salesforceのユーザ"),
    "permission_assignment": _both("Salesforce permission sets", "Salesforceの権限セット"),
}

# Which systems these are

PROFILE = _both("Profile", "プロファイル")
ENVIRONMENTS: Mapping[Environment, Sentence] = {
    "practice": _both("practice", "練習用"),
    "sandbox": _both("sandbox", "Sandbox"),
    "production": _both("production", "本番"),
}
SALESFORCE_ADDRESS = _both("Salesforce My Domain", "Salesforceの私のドメイン")
SALESFORCE_ORG = _both("Salesforce org", "Salesforce組織")
SALESFORCE_ORG_ID = _both("Salesforce org id", "Salesforce組織ID")
SIGNED_IN = _both("Signed in", "サインイン中")
WHMCS_ADDRESS = _both("WHMCS address", "WHMCSのアドレス")
WHMCS_VERSION = _both("WHMCS version", "WHMCSのバージョン")
UNKNOWN = plain("–")
ROLES: Mapping[Role, Sentence] = {
    Role.SUPPORT: _both("support", "サポート"),
    Role.BACK_OFFICE: _both("back office", "バックオフィス"),
    Role.SUPERVISOR: _both("supervisor", "スーパーバイザー"),
    Role.WORKER: _both("worker", "ワーカー"),
}

# What to do

_DEPLOY_EN = "Have a Salesforce administrator deploy the console's metadata (resources/salesforce)"
_DEPLOY_JA = "Salesforce管理者にコンソールのメタデータ(resources/salesforce)のリリースを依頼し、"
DEPLOY_AND_CHECK = _both(
    f"{_DEPLOY_EN}, and check this person's permission set for these fields.",
    f"{_DEPLOY_JA}この人の権限セットでこれらの項目を確認してください。",
)
BY_CODE: Mapping[str, Sentence] = {
    "ACC-02": _both(
        f"{_DEPLOY_EN} and assign you a Staff Console permission set.",
        f"{_DEPLOY_JA}Staff Consoleの権限セットを割り当ててもらってください。",
    ),
    "SYN-02": _both(
        "Wait until Salesforce's daily limit of calls resets, or have an administrator raise it.",
        "Salesforceの1日の呼び出し上限が戻るまで待つか、管理者に上限の引き上げを依頼してください。",
    ),
    "SYN-03": _both("Sign in to Salesforce again.", "Salesforceにもう一度サインインしてください。"),
    "SYN-05": _both(
        "Check the network and the Salesforce address in the profile; if both are right, wait for Salesforce.",
        "ネットワークとプロファイルのSalesforceアドレスを確認してください。どちらも正しければ復旧を待ってください。",
    ),
    "PRV-02": _both(
        "Check the network and the WHMCS address in the profile; if both are right, have the WHMCS server looked at.",
        "ネットワークとプロファイルのWHMCSアドレスを確認し、正しければWHMCSサーバの点検を依頼してください。",
    ),
}
BY_SYSTEM: Mapping[System, Sentence] = {
    "portal": _both(
        "Check that the Portal database runs, that its disk has room, and its address in the profile.",
        "ポータルのデータベースの稼働、ディスクの空き、プロファイルのアドレスを確認してください。",
    ),
    "salesforce": _both(
        "Pass the detail on to your Salesforce administrator.", "詳細をSalesforce管理者に伝えてください。"
    ),
    "whmcs": _both("Pass the detail on to your WHMCS administrator.", "詳細をWHMCS管理者に伝えてください。"),
}
CORRECT_MACHINE = _both(
    "Correct that on this machine, then check again.", "このマシンで直してから、もう一度確認してください。"
)
CORRECT_KIND = _both(
    "Correct salesforce.instance_url or the environment in the profile before anybody works with it.",
    "作業を始める前に、プロファイルのsalesforce.instance_urlまたはenvironmentを直してください。",
)
FIND_SPENDER = _both(
    "Find out with an administrator which integration uses them up; the desk reads by hand only meanwhile.",
    "どの連携が使い切っているか管理者と確認してください。それまでは手動でのみ読み込みます。",
)
CORRECT_MARKERS = _both("Correct marker_field_ids in the profile.", "プロファイルのmarker_field_idsを直してください。")
NAME_ANOTHER_CLIENT = _both(
    "Set marker_field_ids in the profile, or name another test client.",
    "プロファイルにmarker_field_idsを設定するか、別のテスト顧客を指定してください。",
)
MAKE_ADMIN_ONLY = _both(
    "Make the marker field of the product an admin-only text field in WHMCS; leave marker_proved out of the profile "
    "until this check works.",
    "WHMCSで商品の目印の項目を管理者専用のテキスト項目にしてください。この確認が通るまでmarker_provedは設定しないでください。",
)
CONNECTIONS_FIRST = _both("See to the connections above first.", "先に上の接続を直してください。")

# What was seen

CALLS_UNKNOWN = _both("No answer has told how many calls are left.", "残りの呼び出し回数が分かりません。")
NO_TIME = _both("No system has told the time.", "どのシステムも時刻を返していません。")
NO_CLIENT_YET = _both("no client to look at yet", "確認できる顧客がまだいません")


def with_cause(title: Words, cause: str) -> Sentence:
    """A failure of the catalogue with the system's own words."""
    return _both(f"{title.en} ({cause})", f"{title.ja}（{cause}）")


def of_this_machine(told: str) -> Sentence:
    """What is wrong with this machine or its settings; `told` is in English and says what to do."""
    return _both(told, f"このマシンまたは設定に問題があります。管理者に次の内容を伝えてください：{told}")


def not_tried(first: Sentence) -> Sentence:
    """A check that is spared, as another one of the system failed in a way that it would share."""
    return _both(f"Not tried, as “{first.en}” does not work.", f"「{first.ja}」が使えないため、試していません。")


def around(obstacle: Obstacle | None, host: str, proxy: str | None) -> Sentence | None:
    """What to do about an obstacle on the way to a host; `proxy` is None where there is none."""
    if obstacle is Obstacle.NAME:
        return _both(
            f"Nobody knows the name {host}. Check the address in the profile for a slip, then this machine's network "
            "and VPN.",
            f"{host}という名前が見つかりません。プロファイルのアドレス、次にネットワークとVPNを確認してください。",
        )
    if obstacle is Obstacle.CERTIFICATE:
        return _both(
            f"This machine does not trust the certificate of {host}. Have your company's root certificate put into the "
            "operating system's store, or the server's certificate renewed; check this machine's date.",
            f"{host}の証明書を信頼できません。会社のルート証明書をOSに登録するか、サーバの証明書を更新してください。"
            "このマシンの日付も確認してください。",
        )
    if obstacle is Obstacle.PROXY:
        return _both(
            f"The proxy {proxy} does not let us through to {host}. Have it allowed there, or correct the proxy in the "
            "operating system's settings.",
            f"プロキシ{proxy}が{host}への接続を許可しません。許可を依頼するか、OSのプロキシ設定を直してください。",
        )
    if proxy:
        return _both(
            f"Nothing answers, perhaps as the proxy {proxy} does not. Check that it runs, or correct the proxy in the "
            "operating system's settings.",
            f"応答がありません。プロキシ{proxy}が原因かもしれません。稼働を確認するか、OSのプロキシ設定を直してください。",
        )
    return None


def people(count: int) -> Sentence:
    """How many the directory holds."""
    return _both(f"{count} people in the directory", f"名簿に{count}人")


NOBODY_EXECUTES = _both("nobody: commands wait", "担当なし：依頼は待機中です")
START_WORKER = _both(
    "Start the worker on its machine: staff-console worker --profile NAME.",
    "担当のマシンでワーカーを起動してください：staff-console worker --profile NAME",
)
KEEP_FOR_COMPARISON = _both(
    "Change nothing in that database, and compare its audit log with the newest backup.",
    "データベースには手を加えず、監査ログを最新のバックアップと照合してください。",
)
EXECUTES_ITSELF = _both("whoever provisions, on this machine", "このマシンで開通する本人")


def executes(name: str, machine: str, health: WorkerHealth | None) -> Sentence:
    """Who holds the engine lease, and how much waits there."""
    if health is None:
        return _both(f"{name} on {machine}", f"{name}（{machine}）")
    counts = f"{health.waiting} waiting, {health.running} running, {health.done} done, {health.failed} failed"
    counts_ja = f"待機{health.waiting}、処理中{health.running}、完了{health.done}、失敗{health.failed}"
    return _both(f"{name} on {machine}: {counts}", f"{name}（{machine}）：{counts_ja}")


def reached(version: str, proxy: str | None) -> Sentence:
    """Salesforce answers."""
    through, through_ja = _through(proxy)
    return _both(f"reached{through}, API {version}", f"接続できました{through_ja}、API {version}")


def no_version(wanted: str) -> Sentence:
    """The pinned API version is not there."""
    return _both(f"The org does not offer API version {wanted}.", f"この組織にはAPIバージョン{wanted}がありません。")


def set_version(offered: str) -> Sentence:
    """What to set instead."""
    return _both(
        f"Set api_version in the profile to one that the org offers; its newest are {offered}.",
        f"プロファイルのapi_versionを組織にあるものに直してください。新しいものは{offered}です。",
    )


def no_role(name: str) -> Sentence:
    """Somebody without any of our permission sets."""
    return _both(
        f"{name} has none of the Staff Console permission sets.", f"{name}にStaff Consoleの権限セットがありません。"
    )


def profile(profile_id: str, environment: Environment) -> Sentence:
    """Which profile this is, and for which kind of environment."""
    kind_of = ENVIRONMENTS[environment]
    return _both(f"{profile_id} · {kind_of.en}", f"{profile_id} · {kind_of.ja}")


def person(name: str, roles: Collection[Role]) -> Sentence:
    """Who is signed in, as what."""
    held = [ROLES[role] for role in sorted(roles)] or [UNKNOWN]
    return _both(f"{name}: {', '.join(role.en for role in held)}", f"{name}：{'、'.join(role.ja for role in held)}")


def kind(name: str, is_sandbox: bool) -> Sentence:
    """Which org answers, and of which kind it is."""
    return _both(*(f"{name}, {what}" for what in _kinds(is_sandbox)))


def other_kind(environment: str, name: str, is_sandbox: bool) -> Sentence:
    """The profile takes the org for something else."""
    what, what_ja = _kinds(is_sandbox)
    return _both(
        f"The profile says {environment}, but {name} is {what}.",
        f"プロファイルでは{environment}ですが、{name}は{what_ja}です。",
    )


def no_object(sobject: str) -> Sentence:
    """An object that is absent or hidden."""
    return _both(
        f"The object {sobject} is not there, or this person may not see it.",
        f"オブジェクト{sobject}が存在しないか、この人には見えません。",
    )


def fields_lacking(sobject: str, hidden: Sequence[str], fixed: Sequence[str]) -> Sentence:
    """Fields that this person does not see, or cannot change."""
    parts = [
        (", ".join(names), what, what_ja)
        for names, what, what_ja in (
            (hidden, "not there or hidden", "存在しないか非表示"),
            (fixed, "not to be changed by this person", "この人には変更不可"),
        )
        if names
    ]
    return _both(
        f"On {sobject}: {'; '.join(f'{names} {what}' for names, what, _ in parts)}.",
        f"{sobject}：{'、'.join(f'{names}は{what_ja}' for names, _, what_ja in parts)}。",
    )


def fields(count: int, sobject: str) -> Sentence:
    """How many fields are read."""
    return _both(f"{count} fields of {sobject}", f"{sobject}の{count}項目")


def calls(used: int, allowed: int) -> Sentence:
    """What the whole org has used."""
    return _both(
        f"{used:,} of {allowed:,} calls of the last 24 hours used by the whole org",
        f"直近24時間に組織全体で{allowed:,}回中{used:,}回を使用",
    )


def calls_in_short(used: int, allowed: int) -> Sentence:
    """The same where there is little room."""
    return _both(f"{used:,} of {allowed:,} in 24 hours", f"24時間で{used:,} / {allowed:,}回")


def whmcs(version: str, proxy: str | None) -> Sentence:
    """WHMCS answers."""
    through, through_ja = _through(proxy)
    return _both(f"WHMCS {version}{through}", f"WHMCS {version}{through_ja}")


def update_whmcs(oldest: str) -> Sentence:
    """The server is too old."""
    return _both(f"Have WHMCS brought to {oldest} or later.", f"WHMCSを{oldest}以降に更新してもらってください。")


def clients(count: int) -> Sentence:
    """How many clients WHMCS has."""
    return _both(f"{count} clients", f"顧客{count}件")


def client_field(field_id: int) -> Sentence:
    """The customer number's field is there."""
    return _both(f"clients have field {field_id}", f"顧客に項目{field_id}があります")


def no_client_field(field_id: int) -> Sentence:
    """The customer number's field is not there."""
    return _both(
        f"Clients have no custom field with id {field_id}.", f"顧客にIDが{field_id}のカスタム項目がありません。"
    )


def set_client_field(known: Sequence[int]) -> Sentence:
    """Which fields there are."""
    there = ", ".join(map(str, known)) or "–"
    return _both(
        f"Set customer_number_field_id in the profile to the id of that field; clients have {there}. It is listed in "
        "WHMCS under Custom Client Fields.",
        f"プロファイルのcustomer_number_field_idをその項目のIDに直してください。顧客にあるのは{there}です。"
        "WHMCSのCustom Client Fieldsに一覧があります。",
    )


def no_products(product_ids: Sequence[int]) -> Sentence:
    """The profile names products that WHMCS does not have."""
    names = ", ".join(map(str, product_ids))
    return _both(
        f"The profile names WHMCS products that do not exist: {names}.",
        f"プロファイルのWHMCS商品が存在しません：{names}。",
    )


def products(count: int, marked: int, *, proved: bool) -> Sentence:
    """What is known of the products and of the proof that the marker is stored."""
    return _both(
        f"{count} products, {marked} with a marker field, storing it is {'proved' if proved else 'not proved'}",
        f"商品{count}件、目印の項目があるもの{marked}件、保存は{'確認済み' if proved else '未確認'}",
    )


def no_markers(wanted: Mapping[int, int]) -> Sentence:
    """Services that do not have the field that the profile names for their product; field id by product id."""
    named = ", ".join(f"{product} ({field})" for product, field in wanted.items())
    named_ja = "、".join(f"{product}（{field}）" for product, field in wanted.items())
    return _both(
        f"Services of these products have no such custom field: {named}.",
        f"次の商品のサービスには指定のカスタム項目がありません：{named_ja}。",
    )


def set_markers(there: Mapping[int, Sequence[int]]) -> Sentence:
    """Which fields their services have, by product id."""
    known = "; ".join(f"{product}: {', '.join(map(str, fields)) or '–'}" for product, fields in there.items())
    return _both(
        f"Correct marker_field_ids in the profile. Their services have these fields: {known}.",
        f"プロファイルのmarker_field_idsを直してください。サービスにある項目は次のとおりです：{known}。",
    )


def markers(seen: int, wanted: int) -> Sentence:
    """The fields are there on all services that were looked at."""
    return _both(
        f"found on services of {seen} of {wanted} products; the others show with their first service",
        f"{wanted}件中{seen}件の商品のサービスで確認済み。ほかは最初のサービスができると確認できます",
    )


def no_actions(missing: Sequence[str]) -> Sentence:
    """Actions that the API role lacks."""
    names = ", ".join(missing)
    return _both(f"The credential may not use {names}.", f"この資格情報では{names}を使えません。")


def allow_actions(missing: Sequence[str]) -> Sentence:
    """Where to allow them."""
    names = ", ".join(missing)
    return _both(
        f"Allow {names} in the API role of the credential in WHMCS: API Credentials, API Roles.",
        f"WHMCSのAPI Credentials、API Rolesで、資格情報の役割に{names}を許可してください。",
    )


def actions(count: int, later: Sequence[str]) -> Sentence:
    """All that can be tried without changing anything is allowed."""
    names = ", ".join(later)
    return _both(
        f"{count} actions allowed; {names} can only be seen when they are used",
        f"{count}件の操作が可能。{names}は実際に使うときにしか分かりません",
    )


def stored(order_id: int, product: str) -> Sentence:
    """The marker was read back."""
    return _both(
        f"WHMCS order {order_id} of {product}, cancelled again: stored. Set marker_proved = true under [whmcs] in the "
        "profile",
        f"WHMCS注文{order_id}（{product}、取消済み）に保存されました。"
        "プロファイルの[whmcs]にmarker_proved = trueを設定してください",
    )


def not_stored(order_id: int, product: str) -> Sentence:
    """The marker was not there."""
    return _both(
        f"WHMCS order {order_id} of {product}, cancelled again: its marker was not stored.",
        f"WHMCS注文{order_id}（{product}、取消済み）に目印が保存されませんでした。",
    )


def clock_agrees(names: Sequence[str]) -> Sentence:
    """This machine's clock is right."""
    return _both(f"agrees with {' and '.join(names)}", f"{'、'.join(names)}と一致")


def clock_off(far: Mapping[str, int]) -> Sentence:
    """This machine's clock is so many seconds from that of these systems."""
    told = " and ".join(f"{seconds} seconds from that of {name}" for name, seconds in far.items())
    told_ja = "、".join(f"{name}と{seconds}秒" for name, seconds in far.items())
    return _both(f"This machine's clock is {told}.", f"このマシンの時計が{told_ja}ずれています。")


def set_clock(names: Sequence[str]) -> Sentence:
    """Whose clock to set."""
    return _both(
        f"Set this machine's clock by network time; if it is right, have that of {' and '.join(names)} set.",
        f"ネットワーク時刻で時計を合わせてください。正しければ{'、'.join(names)}の時計を直してもらってください。",
    )


def _kinds(is_sandbox: bool) -> tuple[str, str]:
    return ("a sandbox", "Sandbox") if is_sandbox else ("the production org", "本番組織")


def _through(proxy: str | None) -> tuple[str, str]:
    return (f" through the proxy {proxy}", f"（プロキシ{proxy}経由）") if proxy else ("", "")
