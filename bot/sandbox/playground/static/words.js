// What the page itself says, in the language of the person one is looking through.

import { languageOf, state, userOf } from "./state.js";

export const WORDS = {
  en: {
    title: "KPI Bot playground", local: "Everything stays on this machine.", as: "Looking as", theme: "Light or dark",
    slack: "Slack", sheet: "Sheet", channels: "Channels", direct: "Direct messages", home: "Home", messages: "Messages",
    private: "private", app: "APP", only: "Only visible to you", edited: "edited", thread: "Thread", back: "Back",
    replies_1: "1 reply", replies: "{n} replies", write: "Message {place}, or type /kpi", send: "Send",
    nothing: "Nothing here yet. Type /kpi cac last-month.", quiet: "KPI Bot is not in this channel, but /kpi works here too.",
    no_home: "The app shows nothing here yet.", no_answer: "The app did not answer within 3 seconds.",
    suggestions: "Suggestions", ask: "ask about a KPI", no_data: "no data", period: "period", split: "split",
    sort_by: "Sort by {name}", page_of: "{from}–{to} of {all}", previous: "Previous", next: "Next", numbers: "Numbers",
    cancel: "Close", choose: "Choose", image: "Image: {name}", more: "More",
    undo: "Undo", insert_row: "Insert a row above", sort_up: "Sort A to Z", sort_down: "Sort Z to A", rename: "Rename the tab",
    sync: "Sync now", syncing: "Syncing", synced: "{cells} cells changed · {reads} read, {writes} written",
    cell: "Content of {cell}", tabs: "Tabs", guarded: "The bot writes here; your change is put right at the next sync.",
    new_name: "New name of the tab", grid: "Cells of {tab}", renamed: "Renamed to {name}.",
    clock: "Clock", day: "+1 day", week: "+1 week", to_summary: "To the summary", moving: "Time passes; the bot catches up",
    due: "due {at}", deliveries: "Deliveries", troubles: "Troubles", wire: "On the wire", none_sent: "Nothing was sent yet.",
    coming: "Coming", sheet_sync: "Sheet sync", tries: "{n} tries", ahead: "moved {span} ahead",
    days_1: "1 day", days: "{n} days", hours: "{n} h", state_sent: "sent", state_pending: "waiting", state_sending: "sending",
    state_uncertain: "uncertain", state_refused: "refused", lost: "The connection to the playground is lost.",
    disconnected: "The bot is not connected.",
    slack_limited: "Slack limits posts (429)", slack_down: "Slack answers posts with 503", slack_lost: "The answer to the next post is lost",
    slack_slow: "Slack is slow", slack_plain: "Slack without charts and data tables", sheets_quota: "Sheets quota used up (429)",
    sheets_down: "Sheets is down (503)", sheets_unshared: "The Sheet is not shared with the bot",
    guide: "The first minute", intro: "Five things to try, one press each. Everything goes over the real protocols.", step_ask: "Ask", step_split: "Press a button", step_read: "Read the Sheet", step_edit: "Set a target",
    step_monday: "Go to Monday",
    tell_ask: "{who} typed /kpi {words}. The bot acknowledged at once, then answered in the channel.",
    tell_split: "The button carried a whole question; the bot answered it below.",
    tell_read: "One sync brought every tab up to date: {reads} read, {writes} written, {cells} cells changed.",
    tell_edit: "You typed a target of {value}. The sync read it, and judged the KPI by it.",
    tell_monday: "The clock moved on, the schedule fired, and the summary was delivered once.",
    show_wire: "What went over the wire", everything: "Show everything", sent: "sent", received: "answered",
    no_wire: "Nothing yet.", working: "working",
  },
  ko: {
    title: "KPI Bot 체험장", local: "모든 것이 이 컴퓨터 안에만 있습니다.", as: "보는 사람", theme: "밝게 또는 어둡게",
    slack: "Slack", sheet: "시트", channels: "채널", direct: "다이렉트 메시지", home: "홈", messages: "메시지",
    private: "비공개", app: "앱", only: "나에게만 표시", edited: "편집됨", thread: "스레드", back: "뒤로",
    replies_1: "댓글 1개", replies: "댓글 {n}개", write: "{place}에 쓰기, 또는 /kpi 입력", send: "보내기",
    nothing: "아직 아무것도 없습니다. /kpi cac 지난달 이라고 입력해 보세요.", quiet: "KPI Bot이 없는 채널이지만 /kpi는 여기서도 됩니다.",
    no_home: "아직 여기에 보여 줄 것이 없습니다.", no_answer: "앱이 3초 안에 응답하지 않았습니다.",
    suggestions: "제안", ask: "KPI 묻기", no_data: "데이터 없음", period: "기간", split: "나누기",
    sort_by: "{name} 기준 정렬", page_of: "{all}개 중 {from}–{to}", previous: "이전", next: "다음", numbers: "숫자",
    cancel: "닫기", choose: "선택", image: "이미지: {name}", more: "더 보기",
    undo: "실행 취소", insert_row: "위에 행 삽입", sort_up: "오름차순 정렬", sort_down: "내림차순 정렬", rename: "탭 이름 바꾸기",
    sync: "지금 동기화", syncing: "동기화 중", synced: "셀 {cells}개 변경 · 읽기 {reads}, 쓰기 {writes}",
    cell: "{cell}의 내용", tabs: "탭", guarded: "봇이 쓰는 곳입니다. 고친 값은 다음 동기화 때 되돌아갑니다.",
    new_name: "탭의 새 이름", grid: "{tab}의 셀", renamed: "{name}(으)로 바꿨습니다.",
    clock: "시계", day: "+1일", week: "+1주", to_summary: "요약 시각으로", moving: "시간이 흐르고 봇이 따라잡는 중",
    due: "{at} 예정", deliveries: "발송", troubles: "장애", wire: "주고받은 것", none_sent: "아직 보낸 것이 없습니다.",
    coming: "다음 일정", sheet_sync: "시트 동기화", tries: "{n}회 시도", ahead: "{span} 앞당김",
    days_1: "1일", days: "{n}일", hours: "{n}시간", state_sent: "보냄", state_pending: "대기", state_sending: "보내는 중",
    state_uncertain: "불확실", state_refused: "거절됨", lost: "체험장과 연결이 끊겼습니다.",
    disconnected: "봇이 연결되어 있지 않습니다.",
    slack_limited: "Slack이 게시를 제한(429)", slack_down: "Slack이 게시에 503으로 응답", slack_lost: "다음 게시의 응답이 사라짐",
    slack_slow: "Slack이 느림", slack_plain: "차트와 데이터 표가 없는 Slack", sheets_quota: "Sheets 할당량 소진(429)",
    sheets_down: "Sheets 중단(503)", sheets_unshared: "시트가 봇과 공유되지 않음",
    guide: "첫 1분", intro: "한 번씩 눌러 보는 다섯 가지. 모든 것이 실제 프로토콜로 오갑니다.", step_ask: "묻기", step_split: "버튼 누르기", step_read: "시트 읽기", step_edit: "목표 입력",
    step_monday: "월요일로",
    tell_ask: "{who} 님이 /kpi {words} 를 입력했습니다. 봇은 바로 확인한 뒤 채널에 답했습니다.",
    tell_split: "버튼에는 질문 전체가 들어 있고, 봇이 그 질문에 답했습니다.",
    tell_read: "한 번의 동기화(읽기 {reads}, 쓰기 {writes})로 모든 탭이 최신입니다. 셀 {cells}개가 바뀌었습니다.",
    tell_edit: "목표 {value}을(를) 입력했습니다. 동기화가 읽어 KPI를 그 목표로 판단합니다.",
    tell_monday: "시계가 움직여 일정이 실행되고 요약이 한 번 발송되었습니다.",
    show_wire: "주고받은 내용 보기", everything: "모두 보기", sent: "보낸 것", received: "받은 응답",
    no_wire: "아직 없습니다.", working: "작업 중",
  },
  "zh-TW": {
    title: "KPI Bot 試用場", local: "一切都留在這台電腦上。", as: "檢視者", theme: "淺色或深色",
    slack: "Slack", sheet: "試算表", channels: "頻道", direct: "私訊", home: "首頁", messages: "訊息",
    private: "私人", app: "應用程式", only: "只有你看得到", edited: "已編輯", thread: "討論串", back: "返回",
    replies_1: "1 則回覆", replies: "{n} 則回覆", write: "傳訊息到{place}，或輸入 /kpi", send: "送出",
    nothing: "這裡還沒有內容。試試輸入 /kpi cac 上個月。", quiet: "KPI Bot 不在這個頻道，但 /kpi 在這裡也能用。",
    no_home: "這裡目前沒有內容。", no_answer: "應用程式沒有在 3 秒內回應。",
    suggestions: "建議", ask: "詢問 KPI", no_data: "沒有資料", period: "期間", split: "拆分",
    sort_by: "依{name}排序", page_of: "共 {all} 筆，第 {from}–{to} 筆", previous: "上一頁", next: "下一頁", numbers: "數字",
    cancel: "關閉", choose: "選擇", image: "圖片：{name}", more: "更多",
    undo: "復原", insert_row: "在上方插入一列", sort_up: "遞增排序", sort_down: "遞減排序", rename: "重新命名分頁",
    sync: "立即同步", syncing: "同步中", synced: "變更 {cells} 個儲存格 · 讀取 {reads}、寫入 {writes}",
    cell: "{cell} 的內容", tabs: "分頁", guarded: "這裡由機器人寫入；你的修改會在下次同步時改回。",
    new_name: "分頁的新名稱", grid: "{tab} 的儲存格", renamed: "已改名為 {name}。",
    clock: "時鐘", day: "+1 天", week: "+1 週", to_summary: "到摘要時間", moving: "時間前進，機器人正在跟上",
    due: "預定 {at}", deliveries: "發送", troubles: "故障", wire: "往來內容", none_sent: "尚未發送任何內容。",
    coming: "接下來", sheet_sync: "試算表同步", tries: "嘗試 {n} 次", ahead: "提前了 {span}",
    days_1: "1 天", days: "{n} 天", hours: "{n} 小時", state_sent: "已送出", state_pending: "等候中", state_sending: "傳送中",
    state_uncertain: "不確定", state_refused: "被拒絕", lost: "與試用場的連線已中斷。",
    disconnected: "機器人沒有連線。",
    slack_limited: "Slack 限制發文（429）", slack_down: "Slack 對發文回應 503", slack_lost: "下一則發文的回應遺失",
    slack_slow: "Slack 很慢", slack_plain: "沒有圖表與資料表的 Slack", sheets_quota: "Sheets 配額用盡（429）",
    sheets_down: "Sheets 停擺（503）", sheets_unshared: "試算表未與機器人共用",
    guide: "第一分鐘", intro: "五件事，各按一下。一切都走真正的通訊協定。", step_ask: "提問", step_split: "按個按鈕", step_read: "看試算表", step_edit: "設定目標",
    step_monday: "前往星期一",
    tell_ask: "{who} 輸入了 /kpi {words}。機器人立即確認，接著在頻道回答。",
    tell_split: "按鈕帶著一個完整的問題，機器人回答了它。",
    tell_read: "一次同步（讀取 {reads}、寫入 {writes}）後，所有分頁都是最新的，變更了 {cells} 個儲存格。",
    tell_edit: "你輸入了目標 {value}。同步讀到後，便以它評判 KPI。",
    tell_monday: "時鐘前進，排程觸發，摘要發送了一次。",
    show_wire: "看看往來內容", everything: "全部顯示", sent: "送出", received: "回應",
    no_wire: "還沒有。", working: "進行中",
  },
};

export function language() {
  return state.slack ? languageOf(userOf(state.me)) : "en";
}

/** A sentence of the page with its {places} filled. */
export function word(key, places = {}) {
  const text = WORDS[language()][key] ?? WORDS.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => places[name] ?? whole);
}

/** A moment, such as "Mon 23 Nov, 09:00"; `iso` carries the zone it is told in. */
export function moment(iso, style = {}) {
  const local = new Date(`${iso.slice(0, 16)}:00Z`);
  const shape = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "UTC", ...style };
  return new Intl.DateTimeFormat(language() === "en" ? "en-GB" : language(), shape).format(local);
}

/** A message's time of day where its reader lives, and the whole date for pointing at. */
export function messageTime(ts, zone) {
  const at = new Date(Number(ts) * 1000);
  const tongue = language() === "en" ? "en-GB" : language();
  return {
    short: new Intl.DateTimeFormat(tongue, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: zone }).format(at),
    day: new Intl.DateTimeFormat(tongue, { weekday: "long", day: "numeric", month: "long", timeZone: zone }).format(at),
    whole: new Intl.DateTimeFormat(tongue, { dateStyle: "full", timeStyle: "short", timeZone: zone }).format(at),
  };
}
