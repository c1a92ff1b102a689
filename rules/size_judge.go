package rules

import (
	"fmt"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// prove holds the proposal against the current policies, and asks it for
// every use of the window.
func (z *sizer) prove(s *subject, p *Proposal, b *built, rows []useRow) {
	var docs []*iam.Document
	for _, d := range docsOf(p.Proposed) {
		docs = append(docs, d.doc)
	}
	t := tryOn(rows, newReplayer(s.arn, docs), s.replayer())
	p.Replay = &t.Replay
	for _, f := range t.top() {
		p.Warnings = append(p.Warnings, fmt.Sprintf("the proposal would refuse %s on %s, used %d times", f.Action, f.Resource, f.Count))
	}
	if b.plan == nil {
		return
	}
	beyond := newAccess(z.x, s.docs, docs)
	proven := beyond == ""
	p.NoNewAccess = &proven
	if !proven {
		p.Warnings = append(p.Warnings, "not proven to be within the current policies: "+beyond)
	}
}

// judge gives the confidence, and its reasons as warnings.
func (z *sizer) judge(s *subject, p *Proposal, st *standing) {
	var doubts []string
	if st.tooEarly(z.f.AsOf) == "" { // which says the same
		doubts = st.doubts(z.f.AsOf)
	}
	doubt := func(format string, args ...any) { doubts = append(doubts, fmt.Sprintf(format, args...)) }
	switch {
	case p.Backtest.Calls == 0:
		doubt("the last third of the window has no call to try the policy on")
	case p.Backtest.Denied > 0:
		doubt("a policy made from the first two thirds of the window would have denied %d of %d later calls", p.Backtest.Denied, p.Backtest.Calls)
	}
	if s.holder == nil {
		doubt("the current policies are not known (load IAM state): this one is written from use alone, and lacks what logs cannot show")
	}
	if p.Replay.Denied > 0 || p.NoNewAccess != nil && !*p.NoNewAccess {
		doubt("the proof failed")
	}
	if unread := s.unread(); len(unread) > 0 {
		doubt("%s was not loaded and stays as it is", unread[0].Source)
	}
	if c := lastChange(z.f, s.arn, s.docs); c != nil {
		doubt("%s by %s on %s: what it granted had no time to be used", c.EventName, c.Name, c.At.Format(time.DateOnly))
	}
	z.coverDoubts(s, doubt)
	p.Confidence = Ready
	if len(doubts) > 0 {
		p.Confidence = Review
	}
	p.Warnings = append(append([]string{}, doubts...), p.Warnings...)
	if strings.Contains(s.arn, "/aws-reserved/sso.amazonaws.com/") || strings.HasPrefix(s.name, "AWSReservedSSO_") {
		p.Warnings = append(p.Warnings, "the role is made by Identity Center: change its permission set there")
	}
}

func (z *sizer) coverDoubts(s *subject, doubt func(string, ...any)) {
	switch c := s.cover; {
	case c == nil:
		doubt("no logs of account %s", s.account)
	case !c.ManagementRead || !c.ManagementWrite:
		doubt("the logs lack management events that read or that write: unused actions of that kind are kept")
	case len(c.Gaps) > 0:
		doubt("the logs have %d gaps longer than a day, the first from %s", len(c.Gaps), c.Gaps[0].From.Format(time.DateOnly))
	}
}
