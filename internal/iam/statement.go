package iam

// fits reports whether a statement's action, resource and condition take the
// request in; who asks is not its question. anyResource tells that a
// statement without Resource means the resource that it is attached to.
func (a *ask) fits(d *Document, s *Statement, anyResource bool) bool {
	variables := d.Version == "2012-10-17"
	return a.fitsAction(s) && a.fitsResource(s, variables, anyResource) && a.condition(s.Condition, variables)
}

func (a *ask) fitsAction(s *Statement) bool {
	if s.NotAction.Values != nil {
		return !a.inActions(s.NotAction.Values)
	}
	return a.inActions(s.Action.Values)
}

func (a *ask) inActions(patterns []string) bool {
	for _, p := range patterns {
		if p == "*" || MatchAction(p, a.req.Action) {
			return true
		}
	}
	return false
}

func (a *ask) fitsResource(s *Statement, variables, anyResource bool) bool {
	switch {
	case s.NotResource.Values != nil:
		return !a.inResources(s.NotResource.Values, variables)
	case s.Resource.Values != nil:
		return a.inResources(s.Resource.Values, variables)
	}
	return anyResource
}

func (a *ask) inResources(patterns []string, variables bool) bool {
	for _, p := range patterns {
		if p == "*" {
			return true
		}
		if q, w, ok := a.pattern(p, variables); ok && w.matchARN(q, a.req.Resource) {
			return true
		}
	}
	return false
}
