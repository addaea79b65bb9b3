"""White-box estimator grad_cam: feature maps weighted by the mean gradient of the embedding, as vectors."""

from ilime_core.protocols.encoders import DualEncoder
from ilime_core.records import Effects
from ilime_core.white_box.found_effects import found_effects
from ilime_core.white_box.local_towers import cut_tower
from ilime_core.white_box.places import shares_of_segments
from ilime_core.white_box.slopes import slopes
from ilime_core.white_box_records import GatedItem, WhiteBoxOptions

__all__ = ["grad_cam"]


def grad_cam(encoder: DualEncoder, item: GatedItem, options: WhiteBoxOptions) -> Effects:
    """Channel weights times activations, summed over each segment, for every target at once.

    Grad-CAM of a target t weights channel k of the last feature map by the mean over places of
    d<g, t>/dF_pk. That is linear in t, so the map of all targets is a vector per place: J F_p, J the mean
    Jacobian (dim x channels). J times a segment's activations s is the derivative of g when s / places is
    added at *every* place: one forward-mode row through the last layer a segment, never a backward pass a
    dimension. Grad-CAM's ReLU would not be linear, so it is not applied here.

    For towers that average their map and read it out linearly J is closed: the effects are those of
    activation_map with their share along the embedding itself taken off, ``(I - g g^T) A``, because scaling
    to length one forgets it. ``mean`` and intercept are as in activation_map.

    Parameters
    ----------
    encoder
        Model whose tower has ``last_layer``.
    item
        Item with its segments and known embeddings.
    options
        Reads ``batch_rows``.

    Returns
    -------
    Effects
        Effects without errors.

    Raises
    ------
    InputError
        If the tower does not show its last feature map.
    ItemError
        If a derivative is not finite.

    References
    ----------
    .. [1] Selvaraju, R. R. et al. (2017). Grad-CAM: visual explanations from deep networks via gradient-based
       localization. ICCV, 618-626. https://doi.org/10.1109/ICCV.2017.74
    .. [2] Chen, L. et al. (2020). Adapting Grad-CAM for embedding networks. WACV, 2794-2803.
       https://doi.org/10.1109/WACV45572.2020.9093461
    .. [3] Hamilton, M. et al. (2022). Axiomatic explanations for visual search, retrieval, and similarity
       learning. ICLR. https://arxiv.org/abs/2103.00370
    """
    layer = cut_tower(encoder, item.content)
    features = layer.features
    places, width = features.shape
    shares = shares_of_segments(item.content, places, layer.grid).to(features)
    activations = shares.mT @ features / places
    n = len(activations)
    _, found = slopes(
        layer.read_out,
        features.expand(n, places, width),
        activations[:, None].expand(n, places, width),
        options.batch_rows,
    )
    values, full = found.double(), item.full.double()
    return found_effects(
        values, mean=full, intercept=full - values.sum(dim=0), empty=item.empty.double(), full=full
    )
