"""Little words of English. "Us" alone is a country; "what s" and "s" are the plain form of words with an apostrophe."""

from __future__ import annotations

_LITTLE = (
    "how much money|what|whats|what s|was|is|are|were|been|be|being"
    "|show|me|please|pls|plz|give|tell|the|a|an|our|my|your|how"
    "|hows|much|many|make|made|earn|did|do|does|done|doing|we|have|has|had|having|in|of|for|on|at|during|and|with"
    "|get|got|gotten|can|could|would|you|i|want|need|like|see|seen|know|about|kpi|metric|its?|there|this|that"
    "|which|look(?:s|ing|ed)?|now|where|only|just|to|s|d|m|re|ve|ll|am|let|so|by the way|s it|them|they|any|some"
    "|as|or so|over|or|far|hit|reach|meet|meeting|hitting|reaching|beat|beating|miss|missed|missing"
    "|exceed(?:ed|ing)?|against|more|less|fewer|score|scores|status|state|performance|perform|performances|value"
    "|number|figures?|if|possible|someone|somebody|anyone|anybody|i mean|u|ur|r|whats the|um|uh|hmm|well|oh"
    "|good morning|good afternoon|good evening|sir|friends"
    "|in terms of|when it comes to|regarding|with regard to|concerning|as for"
    "|any idea|any clue|the hell|hell|the heck|heck|on earth|tracking|keeping up|urgent(?:ly)?|urgent pls"
)
_MANNERS = (
    "(?:show|give|tell|get|let|for|to|with) us|lately|recently|right now|rn|currently|atm|at the moment|hi|hiya"
    "|hello|hey|hey there|thanks|thank you|thx|cheers|team|guys|folks|everyone|all good|ok|okay|alright"
    "|up to now|(?:up )?(?:until|till) now|as of (?:now|today)"
    "|average|avg|mean|(?:at |as of )?(?:the )?end of|who s|whos|nothing else|that s all|sort(?:ed)?"
    "|lookin|doin|goin|go|goes|went"
    "|quick(?:ly)?(?: (?:one|question|check|look))?|one more thing|gimme|lemme|gonna|wanna|pull(?: up)?|fetch"
    "|check|find(?: out)?|share|update(?: me)?(?: on)?|remind me|walk me through|curious|wondering|wonder"
    "|when you (?:can|get a (?:chance|moment|sec))|for me|asap|real quick|exactly|roughly|approximately|about"
    "|around|actually|really|again|also|same (?:for|but|thing|with)|same|instead|then|ditto|else|maybe|perhaps"
    "|do you (?:know|have)|would you mind|id like|i d like|idk|btw|so far|overall|in total|total|altogether"
    "|combined|latest|most recent|the numbers?|(?:numbers?|figures?|results?|stats?|data|report) (?:of|for|on)"
    "|exact(?: number)?|happened with|happening with|going on with|compute|calculate"
)
_DONE = (
    "(?:did|has|have|do|does) (?:marketing|sales team|everyone)"
    "|(?:did|has|have|do|does) (?:the|our) (?:(?:marketing |sales )?team|company|shop|store|site|website)"
    "|performs?|performed|performing|do(?:es)? well|bring(?:s|ing)?(?: us)?(?: in)?|brought(?: us)?(?: in)?"
    "|contributed?|win|won|gain(?:ed)?|acquired?|generated?|received?|happen(?:ed)?|come in|came in|coming in"
    "|came|come|comes|driven|drove|drive|place|placed|sign(?:ed)? up|end(?:ed)? up|stand(?:s|ing)?"
    "|turn(?:ed)? out|reached|hit|created|recorded|landed|land"
)
_DRAWN = (
    "trend(?:s|ed|ing|line)?|chart(?:ed)?|graph|plot(?:ted)?|draw|visuali(?:s|z)e|line (?:chart|graph)|over time"
    "|history|historical|course|evolution|development|evolv(?:ed?|ing)|develop(?:ed|ing|s)?|progress(?:ed|ion)?"
    "|curve|break ?down|broken down|split(?: up)?|breakdown|separately|side by side"
)
_MOVED = (
    "moved|drop|drops|dropped|dropping|fell|fallen|fall|falling|rise|rose|risen|rising|grow|grew|grown|growing"
    "|growth trend|increas(?:e|ed|es|ing)?|decreas(?:e|ed|es|ing)?|declin(?:e|ed|es|ing)?"
    "|(?:go|gone|went|going|goes|been|trending|trend) (?:up|down)|up|down|up or down|change|changed|changing"
    "|improv(?:e|ed|es|ing)?|get(?:ting)? (?:better|worse)|better|worse|higher|lower|recover(?:ed)?|jump(?:ed)?"
    "|spike(?:d|s)?|slip(?:ped)?|compar(?:e|ing)"
)
ENGLISH = (_LITTLE, _MANNERS, _DONE, _DRAWN, _MOVED)
