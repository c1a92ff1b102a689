package config

import (
	"fmt"
	"regexp"
	"slices"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"

	"github.com/trimtrail/trimtrail/rules"
)

// compiled is a rule of the user's with its fixtures.
type compiled struct {
	rules.OwnRule
	fire, quiet []fixture
}

var ownID = regexp.MustCompile(`^X-[A-Z0-9][A-Z0-9-]{0,30}$`)

var rowKinds = []string{string(rules.PrincipalRows), string(rules.DenialRows), string(rules.ChangeRows), string(rules.CredentialRows)}

func (p *parser) ownRules(list []ownRule) []compiled {
	var out []compiled
	envs := environments{}
	line := map[string]int{}
	for i := range list {
		r := &list[i]
		if r.At == nil {
			continue
		}
		p.ownHead(r, line)
		c := compiled{fire: r.Fire, quiet: r.Quiet, OwnRule: rules.OwnRule{ID: r.ID.Value, Title: r.Title.Value, Severity: rules.Severity(r.Severity.Value),
			For: rules.RowKind(r.For.Value), Expression: r.When.Value, Fix: r.Fix.Value, Place: p.place(r.At)}}
		if slices.Contains(rowKinds, r.For.Value) {
			p.ownExpressions(r, &c.OwnRule, envs)
			p.ownFixtures(r)
		}
		out = append(out, c)
	}
	return out
}

// ownHead checks all of a rule but its expressions.
func (p *parser) ownHead(r *ownRule, line map[string]int) {
	if p.need(r.At, "id", r.ID, "write id: X-001") {
		id := r.ID.Value
		if !ownID.MatchString(id) {
			p.at(r.ID.Node, fmt.Sprintf("%s is no id for a rule of your own", quoted(id)), "write X- and capital letters, digits or -, as X-NO-USERS")
		}
		if first, twice := line[id]; twice {
			p.at(r.ID.Node, fmt.Sprintf("rule %s comes twice, first on line %d", id, first), "")
		} else {
			line[id] = r.ID.Node.Line
		}
	}
	p.need(r.At, "title", r.Title, "write title: and what the rule finds")
	if p.need(r.At, "severity", r.Severity, "write severity: critical, high, medium, low or info") {
		p.severity(r.Severity)
	}
	if p.need(r.At, "for", r.For, "write for: principal, denial, change or credential") && !slices.Contains(rowKinds, r.For.Value) {
		p.at(r.For.Node, fmt.Sprintf("no rows %s", quoted(r.For.Value)), didYouMean(r.For.Value, rowKinds))
	}
	p.need(r.At, "when", r.When, `write when: and a condition in CEL, as "iam:CreateUser" in principal.actions`)
}

func (p *parser) ownExpressions(r *ownRule, own *rules.OwnRule, envs environments) {
	e := envs.of(own.For)
	if r.When.there() && r.When.Value != "" {
		if prog := p.compile(e, r.When, r.When.Value, 0, cel.BoolType); prog != nil {
			own.When = prog.holds
			own.Texts = prog.texts
		}
	}
	if r.Message.there() {
		own.Message = p.message(e, r.Message)
	}
}

// ownFixtures checks that each fixture has the row that the rule looks at.
func (p *parser) ownFixtures(r *ownRule) {
	for _, fs := range [][]fixture{r.Fire, r.Quiet} {
		for i := range fs {
			f := &fs[i]
			if f.At == nil {
				continue
			}
			has := map[string]bool{"principal": true, "denial": f.Denial != nil, "change": f.Change != nil, "credential": f.Credential != nil}
			if !has[r.For.Value] {
				p.at(f.At, "a fixture without "+r.For.Value, fmt.Sprintf("the rule is for rows of that kind: write %s: {…}", r.For.Value))
			}
			for _, k := range rowKinds[1:] {
				if has[k] && k != r.For.Value {
					p.at(f.At, fmt.Sprintf("a fixture with %s, which a rule for %s does not see", k, r.For.Value), "")
				}
			}
			if f.AsOf.there() {
				if _, err := parseTime(f.AsOf.Value); err != nil {
					p.at(f.AsOf.Node, err.Error(), "")
				}
			}
			p.number(f.WindowDays, 36500)
		}
	}
}

// textsOf are the texts in an expression.
func textsOf(a *cel.Ast) []string {
	var out []string
	for _, e := range celast.MatchDescendants(celast.NavigateAST(a.NativeRep()), celast.KindMatcher(celast.LiteralKind)) {
		if s, ok := e.AsLiteral().Value().(string); ok && s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}
