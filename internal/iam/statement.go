package iam

// fits reports whether a statement's resource and condition take the request
// in; its action does, and who asks is not its question. anyResource tells that a
// statement without Resource means the resource that it is attached to.
func (a *ask) fits(r *rule, anyResource bool) bool {
	return a.fitsResource(r.Statement, r.variables, anyResource) && a.condition(r.tests, r.variables)
}

func (s *Statement) takesAction(action string) bool {
	if s.NotAction.Values != nil {
		return !inActions(s.NotAction.Values, action)
	}
	return inActions(s.Action.Values, action)
}

func inActions(patterns []string, action string) bool {
	for _, p := range patterns {
		if p == "*" || MatchAction(p, action) {
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
