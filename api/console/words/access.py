"""Words for signing in, and for what an account signs in with."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.access.passwords import PasswordFlaw

#: What the sign-in page says after something was done.
DONE: dict[str, str] = {
    "password": N_("The password is set. Sign in with it now."),
    "out": N_("You are signed out."),
    "out-directory": N_("You are signed out here. Your organisation's directory may still know you."),
}
#: Why a form at the door was not taken.
DOOR: dict[str, str] = {
    "token": N_("This token is not valid: it is unknown, expired, used up or revoked."),
    "password": N_("Name and password do not fit."),
    "code": N_("The code does not fit, or was used already. Take the one that the app shows now."),
    "stale": N_("This form was open for too long. Try again."),
    "slow": N_("Too many failed attempts. Wait a little, then try again."),
    "differ": N_("The two passwords differ."),
}
FLAWS: dict[str, str] = {
    PasswordFlaw.TOO_SHORT: N_("The password is too short: 12 characters or more."),
    PasswordFlaw.TOO_LONG: N_("The password is too long: 128 characters at most."),
    PasswordFlaw.HOLDS_NAME: N_("The password holds the name of the account. Take another one."),
    PasswordFlaw.COMMON: N_("Many people take this password. Take another one."),
    PasswordFlaw.SIMPLE: N_(
        "The password is a simple pattern. Take several words that have nothing to do with each other."
    ),
}
#: Title and text of the page for a link that is good no more.
LINK_OVER = (
    N_("This link is over"),
    N_("It was used, is older than a day, or a newer one was made. Ask an admin for another one."),
)
#: The same for a sign-in through the directory that did not work.
DIRECTORY: dict[str, tuple[str, str]] = {
    "failed": (
        N_("The directory does not answer"),
        N_("Your organisation's directory cannot be asked now. Try again, or sign in with a password or token."),
    ),
    "refused": (
        N_("Not signed in"),
        N_("The directory did not confirm who you are, or its answer came too late. Begin again."),
    ),
    "unknown": (
        N_("No account here"),
        N_("The directory knows you, but there is no account here for you. Ask an admin."),
    ),
    "slow": (N_("Please wait"), N_("Too many failed attempts. Wait a little, then try again.")),
}
#: How a session was opened.
SIGN_IN_WAYS: dict[str, str] = {
    "token": N_("with a token"),
    "password": N_("with a password"),
    "directory": N_("through the directory"),
}
#: What tokens can be limited to (waspada.access.policy.AREAS).
AREAS: dict[str, str] = {
    "alerts": N_("Alerts"),
    "audit": N_("Audit log"),
    "cap": N_("CAP messages"),
    "claims": N_("Fact-checks"),
    "collection": N_("Stopping the collection"),
    "corrections": N_("Corrections"),
    "deliveries": N_("Deliveries"),
    "digests": N_("Digests"),
    "escalations": N_("Escalations"),
    "exports": N_("Exports"),
    "feeds": N_("Feeds"),
    "items": N_("Reports"),
    "labels": N_("Labels"),
    "login": N_("One's own sign-in"),
    "models": N_("Models"),
    "notices": N_("Notices and silences"),
    "places": N_("Places"),
    "processes": N_("Metrics and processes"),
    "recipients": N_("Recipients"),
    "rejects": N_("What could not be handled"),
    "reporters": N_("Who sent a field report"),
    "reports": N_("Field reports"),
    "rota": N_("Duty rota"),
    "search": N_("Free-text search"),
    "self": N_("Who one is"),
    "sources": N_("Sources"),
    "stories": N_("Stories"),
    "subscriptions": N_("Subscriptions"),
    "tokens": N_("One's own tokens"),
    "topics": N_("Topics"),
    "transparency": N_("Transparency report"),
    "users": N_("Accounts"),
    "views": N_("Saved views"),
    "webhooks": N_("Webhooks"),
}
ZONES: dict[str, str] = {
    "WIB": N_("WIB (Jakarta, West Kalimantan)"),
    "WITA": N_("WITA (South and East Kalimantan)"),
    "WIT": N_("WIT (Papua)"),
}
#: What the page of one's account says after something was done.
ACCOUNT_DONE: dict[str, str] = {
    "reading": N_("Saved."),
    "password": N_("The password is changed. Your other sessions have ended."),
    "totp-off": N_("The second factor is off. Your other sessions have ended."),
    "sessions": N_("The sessions have ended."),
    "token": N_("The token has ended."),
}
#: The same for what an admin did at an account.
USER_DONE: dict[str, str] = {
    "added": N_("The account is there. Make a link for its password and give it to its holder."),
    "changed": N_("Saved. Where role or region changed, its sessions have ended."),
    "disabled": N_("The account is closed; its tokens and sessions have ended."),
    "enabled": N_("The account is open again."),
    "totp": N_("The second factor is taken away; its sessions have ended."),
    "directory": N_("Saved. Its sessions have ended."),
    "sessions": N_("The sessions have ended."),
    "token": N_("The token has ended."),
}
ACCOUNT_PROBLEMS: dict[str, str] = {
    "old": N_("The present password is not right."),
    "name": N_("The name cannot be used: 2 to 40 of a-z, 0-9, dot, dash and underscore."),
    "taken": N_("There is an account of this name already."),
    "region": N_("This is no region code, such as 63 or 63.71."),
    "last": N_("This is the last admin. Add another admin first."),
    "own": N_("Nobody does this at their own account. Ask another admin."),
    "directory": N_("Another account has this name of the directory, or no directory is set up."),
    "token": N_("The token needs a name, and areas that your role may use."),
    "closed": N_("The account is closed. Open it again first."),
    "required": N_("Your role needs a second factor."),
}
