using System.Text.Json;
using EcgPeft.Core;
using EcgPeft.Core.Ecg;
using EcgPeft.Core.Training;

namespace EcgPeft.Web.Components.Pages.NewRun;

/// <summary>What is wrong with the draft, and how many parameters it trains.</summary>
public sealed partial class NewRunPage
{
    private Dictionary<string, string> Problems()
    {
        var problems = new Dictionary<string, string>(_draft.Problems(Library));
        if (_recipe.Augmentation.LeadMasking > 0 && (_recipe.Preprocessing.Leads != LeadPlacement.All || _models.FirstOrDefault(model => model.Id == _recipe.Backbone.Model) is { Family: not "ecg-fm" }))
            problems.TryAdd("augmentation.leadMasking", "Lead masking needs segments on several leads: ECG-FM with lead placement on all leads.");
        (_request, _planned) = (null, null);
        if (problems.Count > 0) return problems;
        // A study without a name of its own has none: the recipe's would be that of one model and method.
        (_request, _planned, var wrong) = _study.Read(_recipe with { Name = string.IsNullOrWhiteSpace(_draft.Name) ? null : _recipe.Name });
        foreach (var (path, sentence) in wrong) problems[path] = sentence;
        return problems;
    }

    /// <summary>Counts parameters anew where model or method is another one.</summary>
    private async Task Count()
    {
        var (model, peft) = (_draft.Model, _draft.Peft.Config);
        var key = $"{model} {JsonSerializer.Serialize(peft, ProductJson.Line)}";
        if (key == _counted) return;
        (_counted, _counts) = (key, null);
        if (_form.Problems.Keys.Any(path => path.StartsWith("peft.", StringComparison.Ordinal)))
        {
            _counted = null;
            return;
        }
        await Task.Delay(120); // typing goes on
        if (key != _counted) return;
        try
        {
            var counts = await Task.Run(() => ParameterCounting.Count(Catalogue.FolderOf(model), peft));
            if (key == _counted) _counts = counts;
        }
        catch (UserInputException e) when (key == _counted)
        {
            _counted = null;
            // What does not fit the backbone is found out by building the model; the sentence begins with the setting it speaks of.
            if (e.Message.StartsWith("peft.", StringComparison.Ordinal)) _form = _form with { Problems = new Dictionary<string, string>(_form.Problems) { [e.Message.Split(' ')[0]] = e.Message } };
            else _error = e.Message;
        }
        catch (UserInputException)
        {
            // Of settings that are no longer there.
        }
    }
}
